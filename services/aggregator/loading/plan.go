package loading

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// plan is what must be known before a transaction.
type plan struct {
	now    time.Time // the transaction's: its rows and findings carry it
	epoch  int64
	zone   string        // of the facts, once the transaction has run; empty: nothing has said it
	since  time.Duration // since the last transaction began
	raised bool          // there was one
	known  knownDays
	// brought is what the files bring that only some do.
	brought []string
	// unrepaired tells that days wait to be repaired for which this transaction has no room.
	unrepaired bool
}

// knownDays are days that only the warehouse knows, since 1970-01-01.
type knownDays struct {
	repairs  []int32 // days of facts that wait for what the files name
	replaced []int32 // days of facts that the files' earlier readings left, or that hold other versions of their orders
	findings []int32 // days on which those readings were loaded
	open     []int32 // days of findings that a catalog may close
	standing []int32 // days on which the warehouse may hold orders of the files
}

// plan reads what a transaction of the files must know. Its days are kept within what
// BigQuery lets one job change; files that need more together are an errTooManyDays. All
// is asked after the fence's epoch, so that it holds when the transaction starts.
func (s *starSchema) plan(ctx context.Context, b *batch, now time.Time) (*plan, error) {
	p := &plan{now: now}
	if err := s.fence(ctx, b, p); err != nil {
		return nil, err
	}
	if b.has(isOfOrders) {
		if err := s.standingDays(ctx, b.only(isOfOrders), p); err != nil {
			return nil, err
		}
	}
	if b.has(isReadAgain) {
		if err := s.replacedDays(ctx, b.only(isReadAgain), p); err != nil {
			return nil, err
		}
	}
	if b.has(s.mayReplace) && len(p.known.standing) > 0 {
		if err := s.supersededDays(ctx, b, p); err != nil {
			return nil, err
		}
	}
	if b.has(isCatalog) {
		if err := s.openFindingDays(ctx, p); err != nil {
			return nil, err
		}
	}
	var err error
	p.unrepaired, err = p.known.fit(b.orders, b.hours, s.maxDays)
	p.brought = s.brought(b, p)
	return p, err
}

// brought is what a batch brings that not every batch does: see sql.Brought.
func (s *starSchema) brought(b *batch, p *plan) []string {
	var brought []string
	for name, is := range map[string]bool{
		sql.Orders:       b.has(isOfOrders),
		sql.Products:     b.has(isOfProducts),
		sql.Customers:    b.has(isOfCustomers),
		sql.Refused:      !b.allStaged,
		sql.FailFile:     b.has(func(m *pipelinev1.FileManifest) bool { return isOfOrders(m) && failsForConflicts(m, s.duplicates) }),
		sql.Again:        b.has(isReadAgain),
		sql.OrdersAgain:  b.has(func(m *pipelinev1.FileManifest) bool { return isOfOrders(m) && isReadAgain(m) }),
		sql.Versions:     b.has(s.mayReplace),
		sql.Replacing:    len(p.known.replaced) > 0,
		sql.Repairs:      len(p.known.repairs) > 0,
		sql.OpenFindings: len(p.known.open) > 0,
	} {
		if is {
			brought = append(brought, name)
		}
	}
	return brought
}

// fence reads how the fence stands, and the days of facts that wait for repair.
func (s *starSchema) fence(ctx context.Context, b *batch, p *plan) error {
	there := false
	for row, err := range warehouse.Read[struct {
		Epoch     int64               `bigquery:"epoch"`
		Since     bigquery.NullInt64  `bigquery:"since_raised"`
		OrderDate bigquery.NullDate   `bigquery:"order_date"`
		TimeZone  bigquery.NullString `bigquery:"time_zone"`
	}](ctx, s.questions, "loading/bounds", b.params()) {
		if err != nil {
			return err
		}
		there = true
		p.epoch, p.raised, p.zone = row.Epoch, row.Since.Valid, row.TimeZone.StringVal
		p.since = time.Duration(row.Since.Int64) * time.Millisecond
		if row.OrderDate.Valid {
			p.known.repairs = append(p.known.repairs, dayRow{row.OrderDate.Date}.day())
		}
	}
	if !there {
		return errors.New("pipeline_fence has no row: run pipelinectl provision")
	}
	return p.agree(b)
}

// agree holds the files to the time zone of the facts, which the first orders give it. A reading of
// an earlier release says none, and one that loads nothing mixes nothing.
func (p *plan) agree(b *batch) error {
	for _, m := range b.manifests {
		zone := m.GetTimeZone()
		switch {
		case zone == "", len(m.GetOrderDates()) == 0, m.GetVerdict() != pipelinev1.Verdict_VERDICT_LOADED:
		case p.zone == "":
			p.zone = zone
		case p.zone != zone:
			return fmt.Errorf("its days and hours are those of %s, and the warehouse's of %s: %w", zone, p.zone, errOtherZone)
		}
	}
	return nil
}

// dayRow is a row of a statement that asks for days.
type dayRow struct {
	Day civil.Date `bigquery:"day"`
}

func (r dayRow) day() int32 { return epoch.Day(r.Day.In(time.UTC)) }

// hours are the days of UTC whose hours are restated, in order: those of the files' orders, and
// those that facts which they replace may have been in.
func (k *knownDays) hours(files []int32) []int32 {
	days := slices.Concat(files, around(k.replaced))
	slices.Sort(days)
	return slices.Compact(days)
}

// changedHourDays counts the days of UTC whose hours change. What is replaced counts by the shop's
// days, unless the files show that its hours may be on the days beside them.
func (k *knownDays) changedHourDays(orders, hours []int32) int {
	days := make(map[int32]bool)
	for _, day := range orders {
		days[day] = true
	}
	replaced := k.replaced
	if slices.ContainsFunc(hours, func(day int32) bool { return !days[day] }) {
		replaced = around(k.replaced)
	}
	clear(days)
	for _, day := range slices.Concat(hours, replaced) {
		days[day] = true
	}
	return len(days)
}

// fit keeps the days whose partitions are changed within most: the shop's days of the facts, and the
// days of UTC of the hours, of which there may be twice as many. What waits for repair may
// wait longer, the newest days first, and cut tells that some does; the files' own days
// cannot, so that too many of those are an errTooManyDays.
func (k *knownDays) fit(orders, hours []int32, most int) (cut bool, err error) {
	days := make(map[int32]bool)
	for _, day := range slices.Concat(orders, k.replaced) {
		days[day] = true
	}
	if len(days) > most {
		return false, fmt.Errorf("orders of %d days, of which one transaction may change %d: %w", len(days), most, errTooManyDays)
	}
	if n := k.changedHourDays(orders, hours); n > most {
		return false, fmt.Errorf("hours of %d days (UTC), of which one transaction may change %d: %w", n, most, errTooManyDays)
	}
	slices.Sort(k.repairs)
	k.repairs = slices.DeleteFunc(slices.Compact(k.repairs), func(day int32) bool {
		if !days[day] && len(days) == most {
			cut = true
			return true
		}
		days[day] = true
		return false
	})
	return cut, nil
}
