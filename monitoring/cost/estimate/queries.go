package estimate

import (
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// noon is half a day: what today's partition holds on average.
const noon = 12

// changedDays are the days that change between two nights, on average.
const changedDays = 2

// RecountedDays are the days whose facts a night's audit counts again.
func (d Deployment) RecountedDays() int64 { return min(d.HistoryDays, changedDays+d.AuditDays) }

// windows of the parameters of all statements.
func (d Deployment) windows() windows {
	period := (d.PeriodDays-1)*24 + noon
	return windows{
		everything:     d.HistoryDays * 24,
		"landed_dates": noon, "dead_letter_dates": noon, "now": noon,
		"order_dates": noon + lateHours, "touched_dates": noon + lateHours, "hour_dates": noon + lateHours,
		"repair_dates": 0, "replaced_dates": 0, "finding_dates": 0,
		"possible_dates": d.possible(), "standing_dates": noon, // what comes twice came today
		"from_date": period, "from_time": period, "to_date": 24,
		"changed_from": 2 * 24, "changed_to": 24, // orders change in their first days
		"report_date": 24, "report_dates": 24, "audit_dates": d.RecountedDays() * 24,
		"catalog_dates": 3 * 24, // of whole catalogs each day
		"life_dates":    changedDays * 24,
		"profile_dates": 24, "compared_dates": 4 * 24, // the days before have their reports
		"folded_dates": 0, // of no more than TREND_MAX_SERIES categories
	}
}

// Queries are the bytes that a month of queries bills, by who asks.
type Queries struct {
	Transactions, Looks, Dashboard, Reports int64
	// One transaction with orders alone, one with later versions of yesterday's orders, one with
	// the catalogs, the largest query of the dashboard, all of one view of its overview, and the largest report.
	Transaction, Versions, Catalogs, Page, View, Report int64
}

func (d Deployment) queries() (q Queries, err error) {
	t, err := d.tables()
	if err != nil {
		return q, err
	}
	if err := d.transact(t, &q); err != nil {
		return q, err
	}
	look, err := d.named(t, "loading/completeness")
	if err != nil {
		return q, err
	}
	q.Looks = look * d.looks() * days
	if q.Page, q.View, err = d.page(t); err != nil {
		return q, err
	}
	q.Dashboard = q.View * (d.transactions() * pageHours / 24) * days
	return q, d.report(t, &q)
}

// transact fills in the transactions. Two a day bring the catalogs, and repair what
// waited for them; no record replaces another. However many aggregators there are, one transacts each interval; each of the
// others asks whether it is its turn, and what became of its files.
func (d Deployment) transact(t tables, q *Queries) error {
	script, err := sql.Group("transform")
	if err != nil {
		return err
	}
	n := d.transactions()
	batch := d.Orders / max(n, 1)
	if q.Transaction, err = d.needed(d.batch(t, batch, 0, 0), script, d.windows(), sql.Orders, sql.Refused); err != nil {
		return err
	}
	replacing := d.windows()
	replacing["replaced_dates"], replacing["order_dates"], replacing["touched_dates"] = 24+noon, 24+noon, 24+noon
	replacing["hour_dates"], replacing["standing_dates"] = 2*24+noon, 24+noon
	if q.Versions, err = d.needed(d.batch(t, batch, 0, 0), script, replacing, sql.Refused, sql.Replacing); err != nil {
		return err
	}
	asked, err := d.named(t, "loading/versions")
	if err != nil {
		return err
	}
	q.Versions += asked
	repairing := d.windows()
	repairing["repair_dates"], repairing["touched_dates"] = 24+noon, 24+noon
	q.Catalogs, err = d.needed(d.batch(t, batch, d.Products, d.Customers), script, repairing,
		sql.Orders, sql.Products, sql.Customers, sql.Refused, sql.Repairs, sql.OpenFindings)
	if err != nil {
		return err
	}
	around, err := d.named(t, "loading/bounds", "loading/ledger", "loading/findings")
	if err != nil {
		return err
	}
	standing, err := d.standing(t)
	if err != nil {
		return err
	}
	around += standing
	beside, err := d.named(t, "loading/bounds", "loading/ledger")
	if err != nil {
		return err
	}
	beside *= max(0, d.replicas(topology.Aggregator)-1)
	opened, err := d.named(t, "loading/open_findings")
	if err != nil {
		return err
	}
	q.Transactions = (q.Transaction*max(0, n-2) + (q.Catalogs+opened)*min(n, 2) + (around+beside)*n) * days
	return nil
}

// possible are the hours of keys among which the duplicates of a batch are looked for: with ids in
// order of time those of its own orders, otherwise those that the marks of all keys leave, or the whole lookback.
func (d Deployment) possible() int64 {
	switch {
	case !d.RandomIDs:
		return noon + lateHours
	case d.asksMarks():
		return noon // what comes twice came today
	default:
		return d.LookbackDays*24 + noon
	}
}

// asksMarks tells whether ids leave more than half of all days, so that the marks of all keys are read.
func (d Deployment) asksMarks() bool {
	return d.RandomIDs && (d.LookbackDays == 0 || 2*d.LookbackDays > d.HistoryDays)
}

// standing is the search for duplicates: by the ranges of ids, by the marks of all keys if these tell
// too little, and then on the days that come into question.
func (d Deployment) standing(t tables) (int64, error) {
	asked := []string{"loading/id_days", "loading/standing_days"}
	if d.asksMarks() {
		asked = append(asked, "loading/marks")
	}
	return d.named(t, asked...)
}

// overview are the statements of the page that most people have open, and what each is asked
// with: no filter; and of the period before as much as has passed of this one, by the hour.
var overview = []struct {
	name  string
	given []string
}{
	{"dashboard/summary", nil}, {"dashboard/summary", []string{"hours"}},
	{"dashboard/filter_values", nil}, {"dashboard/orders_per_hour", nil}, {"dashboard/category_revenue", nil},
	{"dashboard/top_products", nil}, {"dashboard/aov_by_tier", nil}, {"dashboard/geography", nil},
}

// page gives the bytes of the largest query of the page, and of all together, which each transaction
// has asked again while somebody looks. Pages that show the same share them.
func (d Deployment) page(t tables) (largest, sum int64, err error) {
	for _, asked := range overview {
		n, err := d.given(t, asked.name, asked.given...)
		if err != nil {
			return 0, 0, err
		}
		largest, sum = max(largest, n), sum+n
	}
	return largest, sum, nil
}

// AsOf is what one look at what was known earlier bills: its figures, and the orders that have changed.
func (d Deployment) AsOf() (int64, error) {
	t, err := d.tables()
	if err != nil {
		return 0, err
	}
	// Two paths of the API ask for the reach.
	sum, err := d.named(t, "dashboard/as_of_reach", "dashboard/as_of_reach")
	if err != nil {
		return 0, err
	}
	for name, there := range map[string][]string{"dashboard/as_of": nil, "dashboard/as_of_orders": {"changes"}} {
		n, err := d.given(t, name, there...)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// report fills in the nightly reports: each is a script, of the statements that begin
// with its name.
func (d Deployment) report(t tables, q *Queries) error {
	group, err := sql.Group("reports")
	if err != nil {
		return err
	}
	var night int64
	for _, name := range []string{"churn_risk", "cohorts", "data_quality", "forecast", "inventory_alerts", "profile", "revenue_trends"} {
		var script []sql.Statement
		for _, s := range group {
			if s.Name == "reports/data_quality_85_expectations" {
				continue // only for a shop with expectations of its own, which has none as shipped
			}
			if strings.HasPrefix(s.Name, "reports/begin") || strings.HasPrefix(s.Name, "reports/"+name) || s.Name == "reports/read_"+name || s.Name == "reports/learn_"+name {
				script = append(script, s)
			}
		}
		n := d.script(d.batch(t, 0, 0, 0), script, d.windows())
		night, q.Report = night+n, max(q.Report, n)
	}
	q.Reports = night * days
	return nil
}

// needed is the sum of the statements of a transaction whose batch brings these.
func (d Deployment) needed(t tables, transaction []sql.Statement, w windows, brought ...string) (int64, error) {
	statements, err := sql.Needed(transaction, sql.Brought(brought...)...)
	if err != nil {
		return 0, err
	}
	return d.script(t, statements, w), nil
}

// script is the sum of statements.
func (d Deployment) script(t tables, script []sql.Statement, w windows) int64 {
	var sum int64
	for _, s := range script {
		sum += t.bytes(d.statements.read(s), w)
	}
	return sum
}

func (d Deployment) named(t tables, names ...string) (int64, error) {
	script := make([]sql.Statement, len(names))
	for i, name := range names {
		var err error
		if script[i], err = sql.Find(name); err != nil {
			return 0, err
		}
	}
	return d.script(t, script, d.windows()), nil
}

// given is a statement without the stretches that are not needed when these are there.
func (d Deployment) given(t tables, name string, there ...string) (int64, error) {
	s, err := sql.Find(name)
	if err != nil {
		return 0, err
	}
	if s, err = s.Given(there...); err != nil {
		return 0, err
	}
	return d.script(t, []sql.Statement{s}, d.windows()), nil
}
