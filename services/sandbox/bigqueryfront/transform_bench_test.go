package bigqueryfront_test

import (
	"fmt"
	"slices"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/sql"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// provision creates the product's tables and views.
func (f *front) provision(t testing.TB) {
	t.Helper()
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if err := f.run(t.Context(), table.DDL, nil); err != nil {
			t.Fatalf("%s: %v", table.Name, err)
		}
	}
	for _, s := range statements(t, "seed") {
		if err := f.run(t.Context(), s.Text, nil); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
	}
}

// needed are the statements of the transaction of a batch that brings these.
func needed(t testing.TB, brought ...string) []sql.Statement {
	t.Helper()
	statements, err := sql.Needed(statements(t, "transform"), sql.Brought(brought...)...)
	if err != nil {
		t.Fatal(err)
	}
	return statements
}

// transformScript is the aggregator's transaction for files of all kinds, without versions,
// and the names of its statements.
func transformScript(t testing.TB) (script sql.Statement, names []string) {
	t.Helper()
	needed := needed(t, sql.Orders, sql.Products, sql.Customers, sql.Refused, sql.Repairs, sql.OpenFindings)
	names = append(names, "begin")
	for _, s := range needed {
		names = append(names, s.Name)
	}
	return transaction(t, "transform", needed...), append(names, "commit")
}

// BenchmarkTransform loads files of 10,000 orders, with 2.5 lines each, from
// staging into a warehouse that grows with each; the time of each statement is
// logged for the last.
func BenchmarkTransform(b *testing.B) {
	const orders = 10000
	f := newFront(b)
	f.provision(b)
	script, names := transformScript(b)
	md, d := f.descriptor(b, "staging_orders")
	s := f.stream(b, f.writer(b), "staging_orders", d)
	file := 0
	var job *bigquery.Job
	for b.Loop() {
		b.StopTimer()
		file++
		var rows []string
		for i := range orders {
			line := `{"product_id":"P%d","quantity":"2","unit_price":"2.5"}`
			items := fmt.Sprintf(line+","+line, i%100, i%77)
			if i%2 == 0 {
				items += "," + fmt.Sprintf(line, i%50)
			}
			rows = append(rows, fmt.Sprintf(`{"order_id":"O-%d-%d","customer_id":"C%d","order_timestamp":"%d","items":[%s],"total_amount":"10","currency":"USD","payment_status":"completed",
				"shipping_address":{"street":"1 Long Street","city":"Town","state":"CA","zipcode":"12345","country":"US"},"file_id":"f%d","parse_id":"p%d","record_index":"%d",
				"content_hash":"%032d","landed_at":"1768467600000000","landed_date":20468}`, file, i, i%1000, 1768400000000000+int64(i)*1000000, items, file, file, i, i))
		}
		data := serialize(b, md, rows...)
		for chunk := range slices.Chunk(data, 2000) {
			result, err := s.AppendRows(b.Context(), chunk)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := result.GetResult(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		params := productParams(script)
		for i, p := range params {
			switch p.Name {
			case "files":
				params[i].Value = []fileParam{{FileID: fmt.Sprint("f", file), ParseID: fmt.Sprint("p", file), Revision: 1, Kind: "orders", LandingName: "a", Records: orders, Verdict: "loaded", LandedAt: landedAt}}
			case "file_ids":
				params[i].Value = []string{fmt.Sprint("f", file)}
			case "parse_ids":
				params[i].Value = []string{fmt.Sprint("p", file)}
			case "order_dates", "touched_dates", "hour_dates":
				params[i].Value = []civil.Date{landed.AddDays(-1), landed}
			case "epoch":
				params[i].Value = int64(file - 1)
			}
		}
		b.StartTimer()
		q := f.client.Query(script.Text)
		q.DefaultProjectID, q.DefaultDatasetID, q.Parameters = f.project, f.dataset, params
		var err error
		if job, err = q.Run(b.Context()); err != nil {
			b.Fatal(err)
		}
		status, err := job.Wait(b.Context())
		if err != nil || status.Err() != nil {
			b.Fatal(err, status.Err())
		}
	}
	b.ReportMetric(float64(b.N*orders)/b.Elapsed().Seconds(), "orders/s")
	i := len(names) - 1
	for it := job.Children(b.Context()); i >= 0; i-- {
		child, err := it.Next()
		if err != nil {
			b.Fatal(err)
		}
		st := child.LastStatus().Statistics
		if d := st.EndTime.Sub(st.StartTime); d.Milliseconds() > 4 {
			b.Logf("%s: %s", names[i], d)
		}
	}
}
