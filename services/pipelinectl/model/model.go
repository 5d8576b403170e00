// Package model computes what the warehouse must hold from the landed files
// alone, so that the pipeline can be checked against something other than itself.
// It shares no code with the pipeline: JSON and CSV are read by the standard
// library, money is counted in billionths of a unit with every overflow checked,
// and what the SQL does in sets is done here one record after another.
//
// It is told when each file landed and which files were loaded in one
// transaction, because that decides who owns an order that came twice; all else
// follows from the bytes.
//
// It models the outcomes of files that are well formed as a whole. Beyond it, and
// refused with an error that wraps ErrBeyond, are amounts and sums from nine
// billion on, damage that spreads over records (a broken JSON array, CSV quotes
// without a partner), and records that only a failing warehouse refuses. Which of
// several rules a record breaks is decided only where one record breaks one rule.
package model

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
	// AcceptDuplicates is set for a reading that is loaded whatever its duplicates.
	AcceptDuplicates bool
	// Open gives the file's bytes as they were uploaded.
	Open func() (io.ReadCloser, error)
}

// Warehouse is what the tables must hold.
type Warehouse struct {
	Facts      map[LineKey]Fact
	Hours      map[time.Time]Hour
	Categories map[CategoryKey]CategoryDay
	Products   map[string]Product
	Customers  map[string]Customer
	Files      map[string]Outcome
}

// LineKey is the grain of fact_orders.
type LineKey struct {
	OrderID string
	Line    int64
}

// Fact is a row of fact_orders.
type Fact struct {
	CustomerID, Tier                            string
	Time                                        time.Time
	ProductID                                   string
	ProductName                                 string
	ProductKnown                                bool // otherwise product_name is NULL
	Category                                    string
	CategoryLine                                int64 // from 1, among the order's lines of the category
	Quantity                                    int64
	UnitPrice, LineTotal, Total                 Amount
	Status                                      string
	Street, City, State, Zipcode, Country, Area string // Area is the column region
	FileID                                      string
	Record                                      int64

	customerKnown bool
}

// Hour is a row of agg_hourly_metrics.
type Hour struct {
	Orders, Customers                 int64
	Revenue, Average                  Amount
	Completed, Pending, Failed, Other int64
	CompletedRevenue                  Amount
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
}

// Product is a row of dim_products.
type Product struct {
	Name, Category string
	Price          Amount
	Stock          int64
	FileID         string
	Inactive       bool
}

// Customer is a row of dim_customers.
type Customer struct {
	Name, Email, Registered, Tier string
	FileID                        string
	Inactive                      bool
}

// Outcome is a row of file_ledger, and what the file left elsewhere.
type Outcome struct {
	Kind, Verdict, Reason                        string
	Records, Loaded, Lines, Duplicates, Rejected int64
	Held                                         int64
	// Refused counts the records in rejected_records by rule.
	Refused map[string]int64
	// Findings counts the rows of data_quality_checks by check_type.
	Findings map[string]int64
}

// Policy is what the pipeline was told to do.
type Policy struct {
	// FailDuplicates quarantines a file that holds an order whose id came before
	// with other content.
	FailDuplicates bool
	// MaxDeactivateShare is the share of a catalog's active rows from which on rows
	// that its newest file lacks are left active.
	MaxDeactivateShare float64
}

// Compute reads the files and gives the warehouse that they must end in.
func Compute(files []File, policy Policy) (*Warehouse, error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int {
		return cmp.Or(a.LoadedAt.Compare(b.LoadedAt), a.LandedAt.Compare(b.LandedAt), cmp.Compare(a.ID, b.ID))
	})
	m := &model{policy: policy, products: newDimension[Product](), customers: newDimension[Customer](), owners: make(map[string]owner)}
	m.warehouse = Warehouse{
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
	return &m.warehouse, nil
}

type model struct {
	policy    Policy
	warehouse Warehouse
	products  *dimension[Product]
	customers *dimension[Customer]
	owners    map[string]owner // of the loaded orders, by order_id
}

// owner is the record that an order was loaded from.
type owner struct {
	fileID  string
	content content
}

// transaction loads the files of one transaction, given in the order of landing:
// all catalogs first, so that the orders find what landed with them.
func (m *model) transaction(files []File) error {
	readings := make([]*reading, 0, len(files))
	for _, f := range files {
		r, err := read(f)
		if err != nil {
			return fmt.Errorf("file %s: %w", f.Name, err)
		}
		readings = append(readings, r)
		m.forget(f.ID)
	}
	merge(m.products, readings, func(r *reading) []row[Product] { return r.products })
	merge(m.customers, readings, func(r *reading) []row[Customer] { return r.customers })
	deactivate(m.products, readings, m.policy, "products", func(r *reading) []row[Product] { return r.products },
		func(p *Product, file string) { p.Inactive, p.FileID = true, file })
	deactivate(m.customers, readings, m.policy, "customers", func(r *reading) []row[Customer] { return r.customers },
		func(c *Customer, file string) { c.Inactive, c.FileID = true, file })
	m.repair()
	for _, r := range readings {
		if m.policy.FailDuplicates && !r.file.AcceptDuplicates && r.outcome.Verdict == loaded {
			m.failDuplicates(r)
		}
		if r.outcome.Verdict == loaded {
			if err := m.orders(r); err != nil {
				return fmt.Errorf("file %s: %w", r.file.Name, err)
			}
		}
		m.warehouse.Files[r.file.ID] = r.outcome
	}
	return nil
}

// forget takes back what an earlier reading of a file has loaded. The dimensions
// stay, and so do the duplicates that other files were found to hold.
func (m *model) forget(fileID string) {
	if _, before := m.warehouse.Files[fileID]; !before {
		return
	}
	maps.DeleteFunc(m.owners, func(_ string, o owner) bool { return o.fileID == fileID })
	maps.DeleteFunc(m.warehouse.Facts, func(_ LineKey, f Fact) bool { return f.FileID == fileID })
}

// repair gives the facts loaded before what the catalogs have learned since.
func (m *model) repair() {
	for key, f := range m.warehouse.Facts {
		if f.ProductKnown && f.customerKnown {
			continue
		}
		m.enrich(&f)
		m.warehouse.Facts[key] = f
	}
}

// enrich fills what a fact does not know yet; what it knows, it keeps.
func (m *model) enrich(f *Fact) {
	if p, known := m.warehouse.Products[f.ProductID]; known && !f.ProductKnown {
		f.ProductName, f.Category, f.ProductKnown = p.Name, p.Category, true
	}
	if c, known := m.warehouse.Customers[f.CustomerID]; known && !f.customerKnown {
		f.Tier, f.customerKnown = c.Tier, true
	}
}

// failDuplicates quarantines a file for its orders that came before with other
// content; of its findings those about orders that came before remain as well.
func (m *model) failDuplicates(r *reading) {
	firsts := make(map[string]content)
	replays, conflicts := int64(0), int64(0)
	for _, o := range r.orders {
		first, seen := firsts[o.id]
		if before, owned := m.owners[o.id]; owned {
			first, seen = before.content, true
		}
		switch {
		case !seen:
			firsts[o.id] = o.content
		case first == o.content:
			replays++
		default:
			conflicts++
		}
	}
	if conflicts > 0 {
		r.quarantine("duplicate_orders")
		r.outcome.Findings["duplicate_order_replay"] = replays
		r.outcome.Findings["duplicate_order_conflict"] = conflicts
	}
}

// orders loads the good orders of a file that no earlier one owns.
func (m *model) orders(r *reading) error {
	for _, o := range r.orders {
		first, owned := m.owners[o.id]
		switch {
		case !owned:
			m.owners[o.id] = owner{r.file.ID, o.content}
			if err := m.load(r, o); err != nil {
				return fmt.Errorf("record %d: %w", o.record, err)
			}
		case first.content == o.content:
			r.outcome.Duplicates++
			r.outcome.Findings["duplicate_order_replay"]++
		default:
			r.outcome.Duplicates++
			r.outcome.Findings["duplicate_order_conflict"]++
		}
	}
	return nil
}

func (m *model) load(r *reading, o order) error {
	r.outcome.Loaded++
	missing := make(map[string]bool)
	for i, l := range o.lines {
		total, err := l.price.times(l.quantity)
		if err != nil {
			return err
		}
		f := Fact{
			CustomerID: o.customer, Tier: unknown, Time: o.time,
			ProductID: l.product, Category: unknown,
			Quantity: l.quantity, UnitPrice: l.price, LineTotal: total, Total: o.total, Status: o.status,
			Street: o.street, City: o.city, State: o.state, Zipcode: o.zipcode, Country: o.country,
			Area: region(o.state, o.country), FileID: r.file.ID, Record: o.record,
		}
		m.enrich(&f)
		if !f.ProductKnown {
			missing[f.ProductID] = true
		}
		if i == 0 && !f.customerKnown {
			r.outcome.Findings["missing_customer"]++
		}
		m.warehouse.Facts[LineKey{o.id, int64(i + 1)}] = f
		r.outcome.Lines++
	}
	if len(missing) > 0 {
		r.outcome.Findings["missing_product"] += int64(len(missing))
	}
	return nil
}

const unknown = "unknown"

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

// Row is the fact without what only the model knows of it, to compare it with a stored row.
func (f Fact) Row() Fact {
	f.customerKnown = false
	return f
}
