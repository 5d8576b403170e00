// Package reference is a reference implementation of the pipeline: it computes what the
// warehouse must hold from the landed files alone, so that the pipeline can be checked
// against something other than itself. It shares no code with the services that it
// judges, but for what a file that holds no records is called, unreadable_file or unknown_shape, which the
// parser's package shape decides: JSON is read by jsontext and CSV by the standard library, money is
// counted in billionths of a unit with every overflow checked, and what the SQL does in sets is done here
// one record after another. Names of countries and states are those of sql/places.
//
// It is told when each file landed and which files were loaded in one
// transaction, because that decides who owns an order that came twice; all else
// follows from the bytes.
//
// It covers the outcomes of files that are well formed as a whole. Beyond it, and
// refused with an error that wraps ErrBeyond, are amounts and sums from nine
// billion on, damage that spreads over records (a broken JSON array, CSV quotes
// without a partner), and records that only a failing warehouse refuses. Which of
// several rules a record breaks is decided only where one record breaks one rule.
package reference

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// ErrBeyond is input whose outcome the model does not know.
var ErrBeyond = errors.New("beyond the model")

// File is one reading of a landed file and what the ledger says about its time. A
// file that was released or reprocessed has several, and the last one counts.
type File struct {
	// ID is the file's id, as the ledger has it.
	ID string
	// Name is the object's name under landing/.
	Name string
	// LandedAt is when the object was finalized, to the microsecond.
	LandedAt time.Time
	// LoadedAt is when its transaction ran; files with the same time are one transaction.
	LoadedAt time.Time
	// AcceptRefused is set for a reading that is loaded however much of it is refused.
	AcceptRefused bool
	// RefusedLater tells which rows of a catalog the warehouse did not take though nothing is wrong with
	// them, which no file tells; nil: none.
	RefusedLater func(record int64) bool
	// AcceptDuplicates is set for a reading that is loaded whatever its duplicates.
	AcceptDuplicates bool
	// CatalogMode is what the file's source says that it is a catalog of: full, parts or delta;
	// empty: the policy's.
	CatalogMode string
	// Open gives the file's bytes as they were uploaded.
	Open func() (io.ReadCloser, error)
}

// Warehouse is what the tables must hold.
type Warehouse struct {
	Facts      map[LineKey]Fact
	Hours      map[time.Time]Hour      // by the instant at which they began
	HourDays   map[time.Time]time.Time // the same hours' days on the shop's clock
	Categories map[CategoryKey]CategoryDay
	Products   map[string]Product
	// StatedAt is when the file landed that a product's row is of.
	StatedAt  map[string]time.Time
	Customers map[string]Customer
	Files     map[string]Outcome
	Versions  map[VersionKey]Version
	// What the dimensions have shown before.
	ProductHistory  map[ShownKey]Shown[Product]
	CustomerHistory map[ShownKey]Shown[Customer]
}

// LineKey is the grain of fact_orders.
type LineKey struct {
	OrderID string
	Line    int64
}

// Hour is a row of agg_hourly_metrics.
type Hour struct {
	Orders, Customers                 int64
	Revenue, Average                  Amount
	Completed, Pending, Failed, Other int64
	Refunded, PartlyRefunded          int64
	Cancelled                         int64
	CompletedRevenue, FailedRevenue   Amount
	CancelledRevenue, RefundedRevenue Amount
	NetRevenue, HeadlineRevenue       Amount
	PaidRevenue                       Amount
}

// CategoryKey is the grain of agg_category_revenue.
type CategoryKey struct {
	Day      time.Time
	Category string
}

// CategoryDay is a row of agg_category_revenue.
type CategoryDay struct {
	Orders, Units             int64
	Revenue, CompletedRevenue Amount
	HeadlineRevenue           Amount
	PaidRevenue               Amount
}

// Level is a stock that a catalog may leave out.
type Level struct {
	Units int64
	Is    bool
}

// Product is a row of dim_products; an empty category is none.
type Product struct {
	Name, Category string
	Price          Amount
	Stock          Level
	FileID         string
	Inactive       bool
}

// Customer is a row of dim_customers; an empty day or tier is none.
type Customer struct {
	Name, Email, Registered, Tier string
	FileID                        string
	Inactive                      bool
}

// Outcome is a row of file_ledger, and what the file left elsewhere.
type Outcome struct {
	Kind, Verdict, Reason                        string
	Records, Loaded, Lines, Duplicates, Rejected int64
	Held, Updated                                int64
	// LeftOut lists the records that were published and did not become facts when the file was
	// loaded, as ranges: "3-5 duplicate, 7-7 conflict".
	LeftOut string
	// Refused counts the records in rejected_records by rule.
	Refused map[string]int64
	// Findings counts what data_quality_checks says about the file, by check_type.
	Findings map[string]int64
	// FindingRows counts the rows that they stand in.
	FindingRows map[string]int64
	// Open counts those of missing references that no catalog has named yet.
	Open map[string]int64
}

// Policy is what the pipeline was told to do.
type Policy struct {
	// FailDuplicates quarantines a file that holds an order whose id came before
	// with other content.
	FailDuplicates bool
	// Latest lets an order that landed later replace one with other content, where their
	// updated_at do not tell which of them is later.
	Latest bool
	// MaxDeactivateShare is the share of a catalog's active rows from which on rows
	// that its newest file lacks are left active.
	MaxDeactivateShare float64
	// CatalogMode is the parser's CATALOG_MODE, that of the files whose source says nothing; empty
	// is full.
	CatalogMode string
	// MaxFindings is how many findings of a file and rule stand as rows of their own; the
	// others are one row.
	MaxFindings int64
	// TimeZone is that of the shop's clock; nil: UTC.
	TimeZone *time.Location
}

func (p Policy) modeOf(r *reading) string {
	return cmp.Or(r.file.CatalogMode, p.CatalogMode, "full")
}

func (p Policy) clock() *time.Location {
	if p.TimeZone == nil {
		return time.UTC
	}
	return p.TimeZone
}

// Compute reads the files and gives the warehouse that they must end in.
func Compute(files []File, policy Policy) (*Warehouse, error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int {
		return cmp.Or(a.LoadedAt.Compare(b.LoadedAt), a.LandedAt.Compare(b.LandedAt), cmp.Compare(a.ID, b.ID))
	})
	m := &model{policy: policy, products: newDimension[Product](), customers: newDimension[Customer](), owners: make(map[string]*orderVersion), history: make(map[string][]*orderVersion), missing: make(map[string]missingRefs), waiting: waiting{make(map[string][]LineKey), make(map[string][]LineKey)}}
	m.warehouse = Warehouse{
		StatedAt:  make(map[string]time.Time),
		Facts:     make(map[LineKey]Fact),
		Products:  m.products.rows,
		Customers: m.customers.rows,
		Files:     make(map[string]Outcome),
	}
	for len(files) > 0 {
		n := 1
		for n < len(files) && files[n].LoadedAt.Equal(files[0].LoadedAt) {
			n++
		}
		if err := m.transaction(files[:n]); err != nil {
			return nil, err
		}
		files = files[n:]
	}
	if err := m.aggregate(); err != nil {
		return nil, err
	}
	m.keepVersions()
	m.closeFindings()
	m.warehouse.ProductHistory, m.warehouse.CustomerHistory = m.products.history, m.customers.history
	for id, v := range m.products.versions {
		m.warehouse.StatedAt[id] = v.landedAt
	}
	return &m.warehouse, nil
}

type model struct {
	policy    Policy
	warehouse Warehouse
	products  *dimension[Product]
	customers *dimension[Customer]
	owners    map[string]*orderVersion   // that count, by order_id
	history   map[string][]*orderVersion // that do not count any more or never did, by order_id
	clock     int                        // transactions so far
	missing   map[string]missingRefs     // by file
	waiting   waiting
}

// transaction loads the files of one transaction, given in the order of landing:
// all catalogs first, so that the orders find what landed with them.
func (m *model) transaction(files []File) error {
	readings := make([]*reading, 0, len(files))
	m.clock++
	c := newOrderChange()
	for _, f := range files {
		r, err := read(f, m.policy.clock(), nil)
		if err != nil {
			return fmt.Errorf("file %s: %w", f.Name, err)
		}
		for i := range r.orders {
			r.orders[i].content = r.orders[i].contents()
		}
		readings = append(readings, r)
		m.forget(f.ID, c)
	}
	loadedAt := files[0].LoadedAt
	products, customers := m.products.snapshot(), m.customers.snapshot()
	merge(m.products, readings, func(r *reading) []row[Product] { return r.products })
	merge(m.customers, readings, func(r *reading) []row[Customer] { return r.customers })
	deactivate(m.products, readings, m.policy, "products", func(r *reading) []row[Product] { return r.products },
		func(p *Product, file string) { p.Inactive, p.FileID = true, file })
	deactivate(m.customers, readings, m.policy, "customers", func(r *reading) []row[Customer] { return r.customers },
		func(c *Customer, file string) { c.Inactive, c.FileID = true, file })
	keepShown(m.products, products, loadedAt)
	keepShown(m.customers, customers, loadedAt)
	m.repair(readings)
	m.inherit(c)
	for _, r := range readings {
		if m.policy.FailDuplicates && !r.file.AcceptDuplicates && r.outcome.Verdict == loaded {
			m.failDuplicates(r, "duplicate_orders")
		}
		if !r.file.AcceptDuplicates && r.outcome.Verdict == loaded && m.contradicts(r) {
			m.failDuplicates(r, "contradicting_records")
		}
		if r.outcome.Verdict == loaded {
			m.orders(r, c)
		}
	}
	m.show(c)
	for _, r := range readings {
		m.settleLeftOut(r)
		m.warehouse.Files[r.file.ID] = r.outcome
	}
	return nil
}

// load enters an order into the facts and gives the references that no catalog knows,
// by rule.
func (m *model) load(v *orderVersion) missingRefs {
	o := v.order
	missing, found := make(map[string]bool), make(missingRefs)
	region, _ := o.area()
	for i, l := range o.lines {
		f := Fact{
			CustomerID: o.customer, Tier: unknown, Time: o.time, UpdatedAt: o.updated,
			ProductID: l.product, Category: unknown,
			Quantity: l.quantity, UnitPrice: l.price, LineTotal: l.total, LineDiscount: l.discount,
			Total: o.total, Tax: o.tax, TaxIncluded: o.taxIncluded, Shipping: o.shipping, Discount: o.discount, Refunded: o.refunded,
			Status: o.status, StatusText: o.statusText,
			Street: o.street, City: o.city, State: o.state, Zipcode: o.zipcode, Country: o.country,
			Area: region, FileID: v.fileID(), Record: o.record,
		}
		m.enrich(&f)
		key := LineKey{o.id, int64(i + 1)}
		if f.Orphan() {
			missing[f.ProductID] = true
			m.waiting.products[f.ProductID] = append(m.waiting.products[f.ProductID], key)
		}
		if !f.customerKnown {
			m.waiting.customers[f.CustomerID] = append(m.waiting.customers[f.CustomerID], key)
		}
		if i == 0 && !f.customerKnown {
			found[missingCustomer] = append(found[missingCustomer], missingRef{o.record, f.CustomerID})
		}
		m.warehouse.Facts[key] = f
	}
	for id := range missing {
		found[missingProduct] = append(found[missingProduct], missingRef{o.record, id})
	}
	return found
}

const (
	unknown = "unknown"
	none    = "none" // category of a line without a product, region of an order that is not shipped
)

// FindingsByRule sums the findings of all files.
func (w *Warehouse) FindingsByRule() map[string]int64 {
	sums := make(map[string]int64)
	for o := range maps.Values(w.Files) {
		for rule, n := range o.Findings {
			sums[rule] += n
		}
	}
	return sums
}
