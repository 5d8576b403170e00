package estimate

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// filling is the beginning of a statement that fills a table, before its query.
var filling = regexp.MustCompile(`(?s)^\s*(?:CREATE TEMP TABLE \w+ AS|INSERT INTO \w+ \([^)]*\))\s`)

// TestBilled holds what the model takes a statement to read against what BigQuery's dry run says of it, the embedded
// one's, which weighs the columns that are needed of the rows that are there: a real run of orders, catalogs and reports.
// The model may be above that, as it does not know which columns are needed in the end, but not below.
func TestBilled(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "products/products_1.csv", harness.ProductFile(t, 1))
	p.Land(t, "customers/customers_1.csv", harness.CustomerFile(t, 1))
	for i := range uint64(2) {
		p.Land(t, fmt.Sprintf("orders/orders_%d.json", i), harness.OrderFile(t, i+1, 5000, nil))
	}
	p.AwaitFiles(t, 4)
	today := civil.DateOf(time.Now().UTC())
	yesterday := today.AddDays(-1)
	if err := p.Daily(t, time.Now).Make(t.Context(), yesterday, nil); err != nil {
		t.Fatal(err)
	}

	d := newBase(t).At(Loads[0], nil)
	const span = 5 // days with orders, and one more: the day may end meanwhile
	filled, err := d.tables()
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range filled {
		n := p.MustQuery(t, "SELECT COUNT(*) FROM "+name)[0][0].(int64)
		table.rows = n // all statements ask for all days
		filled[name] = table
	}
	var days []int32
	first := today.AddDays(-span)
	for i := range span + 2 {
		days = append(days, int32(first.AddDays(i).DaysSince(civil.Date{Year: 1970, Month: 1, Day: 1})))
	}
	values := map[string]any{
		"STRING": "", "INT64": int64(1), "BOOL": false, "NUMERIC": big.NewRat(1, 2), "FLOAT64": 0.5, "DATE": today, "TIMESTAMP": time.Now(),
		"ARRAY<STRING>": []string{""}, "from_date": first, "changed_from": first, "first_date": first, "from_time": first.In(time.UTC), "time_zone": "UTC", "step_seconds": int64(3600),
	}
	var modelled, measured, compared int64
	for _, group := range []string{"dashboard", "loading", "reports", "transform"} {
		statements, err := sql.Group(group)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range statements {
			if s, err = s.Given(); err != nil {
				t.Fatal(err)
			}
			if !d.alone(s, filled) {
				continue
			}
			got, ok := dryRun(t, p, s, days, values)
			if !ok {
				continue
			}
			var want int64
			read := d.statements.read(s)
			for name := range read.reads {
				if table, known := filled[name]; known {
					want += table.width(read, name) * table.rows
				}
			}
			modelled, measured, compared = modelled+want, measured+got, compared+1
			t.Logf("%-50s model %9d, dry run %9d", s.Name, want, got)
			if slack := got/20 + 64<<10; want+slack < got {
				t.Errorf("%s reads %d bytes, the model says %d", s.Name, got, want)
			}
		}
	}
	t.Logf("%d statements: the model has %d bytes, the dry runs %d", compared, modelled, measured)
	if compared < 50 {
		t.Errorf("%d statements compared: the test tests too little", compared)
	}
}

// alone tells whether a statement can be asked for by itself: it reads no table that its transaction makes.
func (d Deployment) alone(s sql.Statement, filled tables) bool {
	for name := range d.statements.read(s).reads {
		if _, known := filled[name]; !known && slices.Contains(d.temporary, name) {
			return false
		}
	}
	return len(s.Reads) > 0
}

// dryRun is what BigQuery says that a statement would process; not ok if the test has no value for a parameter.
func dryRun(t *testing.T, p *harness.Pipeline, s sql.Statement, days []int32, values map[string]any) (bytes int64, ok bool) {
	t.Helper()
	dates := make(map[string][]int32)
	var parameters []bigquery.QueryParameter
	for _, parameter := range s.Parameters {
		value, known := values[parameter.Name]
		if !known {
			value, known = values[parameter.Type]
		}
		switch {
		case parameter.IsDates():
			dates[parameter.Name] = days
		case !known:
			return 0, false
		default:
			parameters = append(parameters, bigquery.QueryParameter{Name: parameter.Name, Value: value})
		}
	}
	text, err := s.InlineDates(dates)
	if err != nil {
		t.Fatal(err)
	}
	text = comment.ReplaceAllString(text, "")
	q := p.Bigquery.Query(strings.TrimSpace(filling.ReplaceAllString(text, "")))
	q.DefaultProjectID, q.DefaultDatasetID, q.DryRun, q.Parameters = p.Endpoints.ProjectID, p.Endpoints.Dataset, true, parameters
	job, err := q.Run(t.Context())
	if err != nil {
		t.Logf("%s is not compared: %v", s.Name, err)
		return 0, false
	}
	return job.LastStatus().Statistics.TotalBytesProcessed, true
}
