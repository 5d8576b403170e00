package e2e

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// hostileName tries HTML, quotes of three kinds, SQL, right-to-left text, an emoji
// and control characters.
const hostileName = "<img src=x onerror=alert(1)>&\"'`; DROP TABLE fact_orders; -- @from_date שלום 🎉 \u202e\u2028\n\\"

// saleLine is a row of fact_orders as this test makes it up.
type saleLine struct {
	order, customer, tier, product, category, status string
	name, state, country                             bigquery.NullString
	region                                           string
	line, quantity                                   int64
	lineTotal, total                                 *big.Rat
	at                                               time.Time
}

type jsonRow = map[string]any

// TestReporterFigures compares what the API says with sums over the same lines in Go.
func TestReporterFigures(t *testing.T) {
	t.Parallel()
	p := start(t, topology.Reporter)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	lines := makeSales(today)
	for _, l := range lines {
		p.insert(t, "fact_orders", l.columns())
	}
	for _, h := range hourRows(lines) {
		p.insert(t, "agg_hourly_metrics", h)
	}
	for _, c := range categoryRows(lines) {
		p.insert(t, "agg_category_revenue", c)
	}

	// The period leaves out the first two days and, by the clock, the last hours.
	from, to := today.AddDate(0, 0, -4), today.Add(-6*time.Hour)
	within := slices.DeleteFunc(slices.Clone(lines), func(l saleLine) bool { return l.at.Before(from) || !l.at.Before(to) })
	if len(within) == 0 || len(within) == len(lines) {
		t.Fatalf("%d of %d lines in the period: the test tests nothing", len(within), len(lines))
	}
	period := "?from=" + from.Format(time.RFC3339) + "&to=" + to.Format(time.RFC3339)
	// Categories are summed over whole days.
	days := slices.DeleteFunc(slices.Clone(lines), func(l saleLine) bool { return l.at.Before(from) || !l.at.Before(today) })
	for _, tt := range []struct {
		path string
		want []jsonRow
	}{
		{"summary", wantSummary(lines, within)},
		{"orders-per-hour", wantHours(within)},
		{"category-revenue", wantCategories(days)},
		{"top-products", wantProducts(within)},
		{"aov-by-tier", wantTiers(within)},
		{"geography", wantPlaces(within)},
	} {
		if diff := gocmp.Diff(tt.want, p.ask(t, tt.path+period, "rows")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, diff)
		}
	}
}

// TestReporterLists checks the ledger's pages, the findings and the dead letters,
// and that the API of an empty warehouse answers too.
func TestReporterLists(t *testing.T) {
	t.Parallel()
	p := start(t, topology.Reporter)
	for _, path := range []string{
		"orders-per-hour", "category-revenue", "top-products", "aov-by-tier", "geography", "files", "quality", "dead-letters",
	} {
		if got := p.ask(t, path, "rows"); len(got) != 0 {
			t.Errorf("%s of an empty warehouse: %v", path, got)
		}
	}
	if diff := gocmp.Diff([]jsonRow{{
		"orders": 0.0, "revenue": "0.00", "completed_orders": 0.0, "completed_revenue": "0.00", "avg_order_value": nil,
		"completed_avg_order_value": nil, "customers": 0.0, "newest_order_hour": nil, "newest_load_at": nil,
	}}, p.ask(t, "summary", "rows")); diff != "" {
		t.Errorf("summary of an empty warehouse (-want +got):\n%s", diff)
	}

	events := p.openEvents(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	for i := range 5 {
		// Two files of one instant make the page's border depend on the id.
		at := now.Add(-time.Duration(i/2) * time.Second)
		p.insert(t, "file_ledger", []column{
			{"file_id", fmt.Sprintf("file-%d", i)}, {"parse_id", "parse"}, {"revision", 1}, {"kind", "orders"}, {"landing_name", "landing/orders/" + hostileName},
			{"bytes", 10}, {"records", 4}, {"loaded", 2}, {"lines", 3}, {"duplicates", 1}, {"rejected", 1}, {"held", 0}, {"verdict", "loaded"},
			{"landed_at", at.Add(-time.Second)}, {"loaded_at", at},
		})
		p.insert(t, "data_quality_checks", []column{
			{"check_id", fmt.Sprintf("check-%d", i)}, {"check_timestamp", at}, {"check_type", "malformed_json"}, {"severity", "error"},
			{"file_id", fmt.Sprintf("file-%d", i)}, {"record_index", i}, {"issue_description", hostileName},
		})
	}
	for i := range 3 {
		p.insert(t, "dead_letters", []column{
			{"dead_letter_id", fmt.Sprintf("letter-%d", i/2)}, // the first two are one letter, appended twice
			{"subscription", "orders-validated.writer"}, {"message_id", "m"}, {"error", hostileName}, {"delivery_attempts", 1},
			{"dead_lettered_at", now.Add(time.Duration(i-3) * time.Second)}, {"dead_lettered_date", civil.DateOf(now.Add(time.Duration(i-3) * time.Second))},
		})
	}
	// The answers above are kept until a file completes.
	if got := p.ask(t, "files", "rows"); len(got) != 0 {
		t.Errorf("files were asked again although none completed")
	}
	p.complete(t, "file-0")
	if event := <-events; !strings.Contains(event, `"file_id":"file-0"`) {
		t.Errorf("event %s", event)
	}

	var ids []string
	for token, page := "", 0; page == 0 || token != ""; page++ {
		path := "files?limit=2"
		if token != "" {
			path += "&page_token=" + token
		}
		var answer struct {
			Rows []struct {
				FileID      string `json:"file_id"`
				LandingName string `json:"landing_name"`
			} `json:"rows"`
			NextPageToken string `json:"next_page_token"`
		}
		p.askInto(t, path, &answer)
		for _, r := range answer.Rows {
			ids = append(ids, r.FileID)
			if r.LandingName != "landing/orders/"+hostileName {
				t.Errorf("landing name %q", r.LandingName)
			}
		}
		token = answer.NextPageToken
	}
	if diff := gocmp.Diff([]string{"file-1", "file-0", "file-3", "file-2", "file-4"}, ids); diff != "" {
		t.Errorf("pages of files (-want +got):\n%s", diff)
	}
	rules := p.ask(t, "quality?limit=1", "rules")
	if len(rules) != 1 || rules[0]["findings"] != 5.0 || rules[0]["files"] != 5.0 || rules[0]["meaning"] == nil {
		t.Errorf("rules %v", rules)
	}
	findings := p.ask(t, "quality?limit=1", "rows")
	if len(findings) != 1 || findings[0]["check_id"] != "check-1" || findings[0]["issue_description"] != hostileName || findings[0]["landing_name"] != "landing/orders/"+hostileName {
		t.Errorf("findings %v", findings)
	}
	letters := p.ask(t, "dead-letters", "rows")
	if len(letters) != 1 || letters[0]["letters"] != 2.0 || letters[0]["sample_id"] != "letter-1" || letters[0]["sample_error"] != hostileName {
		t.Errorf("dead letters %v", letters)
	}
}

// makeSales makes orders of six days with up to three lines each.
func makeSales(today time.Time) []saleLine {
	rnd := rand.New(rand.NewPCG(7, 11))
	pick := func(words ...string) string { return words[rnd.IntN(len(words))] }
	places := [][3]string{{"NY", "USA", "Northeast"}, {"CA", "USA", "West"}, {"", "France", "France"}, {hostileName, hostileName, hostileName}}
	var lines []saleLine
	for i := range 40 {
		place := places[rnd.IntN(len(places))]
		first := saleLine{
			order: fmt.Sprintf("order-%d", i), customer: fmt.Sprintf("customer-%d", rnd.IntN(15)), tier: pick("gold", "silver", "unknown", hostileName),
			status: pick("completed", "completed", "pending", "failed", "on hold"), region: place[2],
			state: bigquery.NullString{StringVal: place[0], Valid: place[0] != ""}, country: bigquery.NullString{StringVal: place[1], Valid: true},
			at: today.Add(-time.Duration(rnd.IntN(6*24*3600)) * time.Second), total: new(big.Rat),
		}
		var order []saleLine
		for line := range 1 + rnd.IntN(3) {
			l := first
			n := rnd.IntN(4)
			l.line, l.quantity = int64(line+1), int64(1+rnd.IntN(5))
			l.product, l.category = fmt.Sprintf("product-%d", n), []string{"Books", "Sports", "unknown", hostileName}[n]
			l.name = bigquery.NullString{StringVal: "Name " + l.category, Valid: l.category != "unknown"}
			l.lineTotal = big.NewRat(int64(rnd.IntN(1_000_000_000)), 1000)
			first.total.Add(first.total, l.lineTotal)
			order = append(order, l)
		}
		lines = append(lines, order...)
	}
	return lines
}

// group is what the lines of one key come to.
type group struct {
	orders, customers map[string]bool
	completed         map[string]bool
	units, lines      int64
	sold, soldPaid    *big.Rat // line_total
	total, totalPaid  *big.Rat // total_amount
	first             saleLine
	byStatus          map[string]int64
}

// groupBy sums lines by a key; an order counts once per key, and its total_amount too.
func groupBy[K comparable](lines []saleLine, key func(saleLine) K) map[K]*group {
	groups := make(map[K]*group)
	for _, l := range lines {
		g := groups[key(l)]
		if g == nil {
			g = &group{
				orders: map[string]bool{}, customers: map[string]bool{}, completed: map[string]bool{}, byStatus: map[string]int64{},
				sold: new(big.Rat), soldPaid: new(big.Rat), total: new(big.Rat), totalPaid: new(big.Rat), first: l,
			}
			groups[key(l)] = g
		}
		paid := l.status == "completed"
		if !g.orders[l.order] {
			g.orders[l.order] = true
			g.byStatus[l.status]++
			g.total.Add(g.total, l.total)
			if paid {
				g.completed[l.order] = true
				g.totalPaid.Add(g.totalPaid, l.total)
			}
		}
		g.customers[l.customer] = true
		g.units += l.quantity
		g.lines++
		g.sold.Add(g.sold, l.lineTotal)
		if paid {
			g.soldPaid.Add(g.soldPaid, l.lineTotal)
		}
	}
	return groups
}

// ranked lists groups by an amount, highest first, then by name.
func ranked[K cmp.Ordered](groups map[K]*group, amount func(*group) *big.Rat) []K {
	keys := make([]K, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b K) int {
		return cmp.Or(amount(groups[b]).Cmp(amount(groups[a])), cmp.Compare(a, b))
	})
	return keys
}

func totalOf(g *group) *big.Rat { return g.total }
func soldOf(g *group) *big.Rat  { return g.sold }

func average(sum *big.Rat, n int) *big.Rat {
	mean, _ := new(big.Rat).SetString(new(big.Rat).Quo(sum, big.NewRat(int64(n), 1)).FloatString(9))
	return mean
}

func amountText(r *big.Rat) string {
	text := strings.TrimRight(r.FloatString(9), "0")
	for strings.IndexByte(text, '.') > len(text)-3 {
		text += "0"
	}
	return text
}

func averageOf(g *group) *big.Rat { return average(g.total, len(g.orders)) }

func wantSummary(all, within []saleLine) []jsonRow {
	g := groupBy(within, func(saleLine) string { return "" })[""]
	newest := slices.MaxFunc(all, func(a, b saleLine) int { return a.at.Compare(b.at) }).at
	return []jsonRow{{
		"orders": float64(len(g.orders)), "revenue": amountText(g.total), "completed_orders": float64(len(g.completed)),
		"completed_revenue": amountText(g.totalPaid), "avg_order_value": amountText(averageOf(g)),
		"completed_avg_order_value": amountText(average(g.totalPaid, len(g.completed))), "customers": float64(len(g.customers)),
		"newest_order_hour": newest.Truncate(time.Hour).Format(time.RFC3339), "newest_load_at": nil,
	}}
}

func byHour(lines []saleLine) ([]string, map[string]*group) {
	groups := groupBy(lines, func(l saleLine) string { return l.at.Truncate(time.Hour).Format(time.RFC3339) })
	keys := make([]string, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys, groups
}

func otherOrders(g *group) int64 {
	return int64(len(g.orders)) - g.byStatus["completed"] - g.byStatus["pending"] - g.byStatus["failed"]
}

func wantHours(lines []saleLine) (want []jsonRow) {
	hours, groups := byHour(lines)
	for _, hour := range hours {
		g := groups[hour]
		want = append(want, jsonRow{
			"metric_hour": hour, "total_orders": float64(len(g.orders)), "total_revenue": amountText(g.total), "avg_order_value": amountText(averageOf(g)),
			"unique_customers": float64(len(g.customers)), "completed_orders": float64(g.byStatus["completed"]), "completed_revenue": amountText(g.totalPaid),
			"pending_orders": float64(g.byStatus["pending"]), "failed_orders": float64(g.byStatus["failed"]), "other_orders": float64(otherOrders(g)),
		})
	}
	return want
}

func wantCategories(lines []saleLine) (want []jsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return l.category })
	for _, category := range ranked(groups, soldOf) {
		g := groups[category]
		want = append(want, jsonRow{
			"category": category, "orders": float64(len(g.orders)), "units": float64(g.units),
			"revenue": amountText(g.sold), "completed_revenue": amountText(g.soldPaid),
		})
	}
	return want
}

func wantProducts(lines []saleLine) (want []jsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return l.product })
	for _, product := range ranked(groups, soldOf) {
		g := groups[product]
		var name any
		if g.first.name.Valid {
			name = g.first.name.StringVal
		}
		want = append(want, jsonRow{
			"product_id": product, "product_name": name, "category": g.first.category,
			"order_lines": float64(g.lines), "units": float64(g.units), "revenue": amountText(g.sold),
		})
	}
	return want
}

func wantTiers(lines []saleLine) (want []jsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return l.tier })
	for _, tier := range ranked(groups, averageOf) {
		g := groups[tier]
		want = append(want, jsonRow{
			"customer_tier": tier, "orders": float64(len(g.orders)), "customers": float64(len(g.customers)),
			"revenue": amountText(g.total), "avg_order_value": amountText(averageOf(g)),
		})
	}
	return want
}

func wantPlaces(lines []saleLine) (want []jsonRow) {
	text := func(s bigquery.NullString) any {
		if !s.Valid {
			return nil
		}
		return s.StringVal
	}
	add := func(level string, key func(saleLine) string, region, state, country func(saleLine) any) {
		groups := groupBy(lines, key)
		for _, place := range ranked(groups, totalOf) {
			g := groups[place]
			want = append(want, jsonRow{
				"level": level, "region": region(g.first), "state": state(g.first), "country": country(g.first),
				"orders": float64(len(g.orders)), "revenue": amountText(g.total),
			})
		}
	}
	none := func(saleLine) any { return nil }
	region := func(l saleLine) any { return l.region }
	state := func(l saleLine) any { return text(l.state) }
	country := func(l saleLine) any { return text(l.country) }
	add("country", func(l saleLine) string { return l.country.StringVal }, none, none, country)
	add("region", func(l saleLine) string { return l.region }, region, none, none)
	add("state", func(l saleLine) string { return l.country.StringVal + "/" + l.state.StringVal }, region, state, country)
	return want
}

// column is a value for an INSERT.
type column struct {
	name  string
	value any
}

func (l saleLine) columns() []column {
	return []column{
		{"order_id", l.order}, {"line_number", l.line}, {"customer_id", l.customer}, {"customer_tier", l.tier}, {"order_timestamp", l.at},
		{"order_date", civil.DateOf(l.at)}, {"order_hour", l.at.Hour()}, {"product_id", l.product}, {"product_name", l.name}, {"category", l.category},
		{"quantity", l.quantity}, {"unit_price", l.lineTotal}, {"line_total", l.lineTotal}, {"total_amount", l.total}, {"payment_status", l.status},
		{"state", l.state}, {"country", l.country}, {"region", l.region}, {"file_id", "file"}, {"record_index", 0}, {"loaded_at", l.at},
	}
}

func hourRows(lines []saleLine) (rows [][]column) {
	hours, groups := byHour(lines)
	for _, hour := range hours {
		g := groups[hour]
		rows = append(rows, []column{
			{"metric_hour", g.first.at.Truncate(time.Hour)}, {"total_orders", len(g.orders)}, {"total_revenue", g.total}, {"avg_order_value", averageOf(g)},
			{"unique_customers", len(g.customers)}, {"completed_orders", len(g.completed)}, {"completed_revenue", g.totalPaid}, {"pending_orders", g.byStatus["pending"]},
			{"failed_orders", g.byStatus["failed"]}, {"other_orders", otherOrders(g)}, {"updated_at", g.first.at},
		})
	}
	return rows
}

func categoryRows(lines []saleLine) (rows [][]column) {
	type key struct {
		day      civil.Date
		category string
	}
	for k, g := range groupBy(lines, func(l saleLine) key { return key{civil.DateOf(l.at), l.category} }) {
		rows = append(rows, []column{
			{"metric_date", k.day}, {"category", k.category}, {"orders", len(g.orders)}, {"units", g.units}, {"revenue", g.sold},
			{"completed_revenue", g.soldPaid}, {"updated_at", g.first.at},
		})
	}
	return rows
}

// insert adds a row with values as parameters.
func (p *pipeline) insert(t *testing.T, table string, row []column) {
	t.Helper()
	var names, values []string
	q := p.bigquery.Query("")
	q.DefaultDatasetID = p.endpoints.Dataset
	for _, c := range row {
		names, values = append(names, "`"+c.name+"`"), append(values, "@"+c.name)
		q.Parameters = append(q.Parameters, bigquery.QueryParameter{Name: c.name, Value: c.value})
	}
	q.Q = "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
	if _, err := q.Read(t.Context()); err != nil {
		t.Fatalf("insert into %s: %v", table, err)
	}
}

// ask returns one list of the API's answer.
func (p *pipeline) ask(t *testing.T, path, key string) []jsonRow {
	t.Helper()
	answer := map[string]json.RawMessage{}
	p.askInto(t, path, &answer)
	var list []jsonRow
	if err := json.Unmarshal(answer[key], &list); err != nil {
		t.Fatalf("%s: %v in %s", path, err, answer)
	}
	return list
}

func (p *pipeline) askInto(t *testing.T, path string, answer any) {
	t.Helper()
	resp := p.open(t, path)
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v, %v", path, resp.StatusCode, err, answer)
	}
}

func (p *pipeline) open(t *testing.T, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.dashboard+"/api/v1/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// openEvents returns the data of the refreshes to come.
func (p *pipeline) openEvents(t *testing.T) <-chan string {
	t.Helper()
	resp := p.open(t, "events")
	t.Cleanup(func() { resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != "event: hello" {
	}
	refreshes := make(chan string, 16)
	go func() {
		defer close(refreshes)
		for refresh := false; lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && refresh {
				refreshes <- data
			}
			if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				refresh = event == "refresh"
			}
		}
	}()
	return refreshes
}

// complete publishes what the aggregator publishes when a file is done.
func (p *pipeline) complete(t *testing.T, fileID string) {
	t.Helper()
	client, err := p.endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	publisher := messaging.NewPublisher(client, topology.TopicFilesCompleted)
	defer publisher.Stop()
	if err := publisher.PublishSync(t.Context(), &pipelinev1.FileCompleted{
		File:    &pipelinev1.LandedFile{FileId: fileID, LandedAt: timestamppb.Now()},
		Verdict: pipelinev1.Verdict_VERDICT_LOADED, LoadedAt: timestamppb.Now(),
	}, map[string]string{topology.AttrFileID: fileID}); err != nil {
		t.Fatal(err)
	}
}
