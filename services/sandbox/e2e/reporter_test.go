package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// hostileName tries HTML, quotes of three kinds, SQL, right-to-left text, an emoji
// and control characters.
const hostileName = "<img src=x onerror=alert(1)>&\"'`; DROP TABLE fact_orders; -- @from_date שלום 🎉 \u202e\u2028\n\\"

// salesFilter is what the dashboard's filters say.
type salesFilter struct{ category, region, tier, status string }

func (f salesFilter) query() string {
	values := url.Values{}
	for name, value := range map[string]string{"category": f.category, "region": f.region, "tier": f.tier, "status": f.status} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values.Encode()
}

// lines are those that pass. With a category chosen an order is its lines in it,
// and worth their sum.
func (f salesFilter) lines(all []saleLine) []saleLine {
	var passed []saleLine
	worth := map[string]*big.Rat{}
	for _, l := range all {
		status := l.status
		if !slices.Contains([]string{"completed", "pending", "failed"}, status) {
			status = "other"
		}
		if f.category != "" && l.category != f.category || f.region != "" && l.region != f.region ||
			f.tier != "" && l.tier != f.tier || f.status != "" && status != f.status {
			continue
		}
		passed = append(passed, l)
		if worth[l.order] == nil {
			worth[l.order] = new(big.Rat)
		}
		worth[l.order].Add(worth[l.order], l.lineTotal)
	}
	if f.category != "" {
		for i := range passed {
			passed[i].total = worth[passed[i].order]
		}
	}
	return passed
}

func between(lines []saleLine, from, to time.Time) []saleLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l saleLine) bool { return l.at.Before(from) || !l.at.Before(to) })
}

// TestReporterFigures compares what the API says with sums over the same lines in
// Go, for every filter.
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
	loaded := today.Add(-time.Hour)
	for i, delay := range fileDelays {
		p.insert(t, "file_ledger", ledgerRow(fmt.Sprintf("file-%d", i), "orders/a.json", loaded, delay))
	}

	// The first period leaves out the first two days and, by the clock, the last hours;
	// whole days let the aggregates answer.
	for _, period := range []struct {
		name     string
		from, to time.Time
	}{{"hours", today.AddDate(0, 0, -4), today.Add(-6 * time.Hour)}, {"days", today.AddDate(0, 0, -3), today}} {
		for name, filter := range map[string]salesFilter{
			"all": {}, "category": {category: "Books"}, "hostile category": {category: hostileName}, "region": {region: "West"}, "tier": {tier: "gold"},
			"hostile tier": {tier: hostileName}, "status": {status: "completed"}, "other status": {status: "other"},
			"two": {category: "Books", status: "completed"}, "nothing": {region: "Atlantis"},
		} {
			t.Run(period.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				within := between(filter.lines(lines), period.from, period.to)
				if n := len(within); (n == 0) != (name == "nothing") || n == len(lines) {
					t.Fatalf("%d of %d lines: the test tests nothing", n, len(lines))
				}
				query := "?from=" + period.from.Format(time.RFC3339) + "&to=" + period.to.Format(time.RFC3339) + "&" + filter.query()
				check := func(path string, want []jsonRow, key string) {
					t.Helper()
					if diff := gocmp.Diff(want, p.ask(t, path, key), cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%s of %s (-want +got):\n%s", key, path, diff)
					}
				}
				check("summary"+query, wantSummary(lines, within, loaded), "rows")
				length := period.to.Sub(period.from)
				before := between(filter.lines(lines), period.from.Add(-length), period.to.Add(-length))
				check("summary"+query, wantSummary(lines, before, loaded), "previous")
				check("orders-per-hour"+query, wantHours(within), "rows")
				for _, by := range []byAmount{byRevenue, byCompleted} {
					ranked := query + "&rank_by=" + by.param
					check("category-revenue"+ranked, wantCategories(within, by), "rows")
					check("top-products"+ranked, wantProducts(within, by), "rows")
					check("aov-by-tier"+ranked, wantTiers(within, by), "rows")
					check("geography"+ranked, wantPlaces(within, by), "rows")
				}
			})
		}
	}
	t.Run("few places", func(t *testing.T) {
		t.Parallel()
		// The best of each level, and of the states the best of the USA and of all others.
		seen := map[string]bool{}
		want := slices.DeleteFunc(wantPlaces(lines, byRevenue), func(r jsonRow) bool {
			kind := fmt.Sprint(r["level"], r["level"] == "state" && (r["state"] == "NY" || r["state"] == "CA"))
			defer func() { seen[kind] = true }()
			return seen[kind]
		})
		if len(want) != 4 {
			t.Fatalf("%d kinds of places: the test tests nothing", len(want))
		}
		path := "geography?limit=1&from=" + today.AddDate(0, 0, -6).Format(time.RFC3339) + "&to=" + today.Format(time.RFC3339)
		if diff := gocmp.Diff(want, p.ask(t, path, "rows")); diff != "" {
			t.Errorf("the first places (-want +got):\n%s", diff)
		}
	})
	t.Run("filter values", func(t *testing.T) {
		t.Parallel()
		within := between(lines, today.AddDate(0, 0, -3), today)
		var want []jsonRow
		for _, filter := range []struct {
			name string
			key  func(saleLine) string
		}{
			{"category", func(l saleLine) string { return l.category }}, {"region", func(l saleLine) string { return l.region }},
			{"tier", func(l saleLine) string { return l.tier }},
		} {
			groups := groupBy(within, filter.key)
			for _, value := range ranked(groups, func(g *group) *big.Rat { return big.NewRat(int64(len(g.orders)), 1) }) {
				want = append(want, jsonRow{"filter": filter.name, "value": value, "orders": float64(len(groups[value].orders))})
			}
		}
		path := "filter-values?from=" + today.AddDate(0, 0, -3).Format(time.RFC3339) + "&to=" + today.Format(time.RFC3339)
		if diff := gocmp.Diff(want, p.ask(t, path, "rows")); diff != "" {
			t.Errorf("filter values (-want +got):\n%s", diff)
		}
	})
}

// ledgerRow is the ledger's row of a loaded file.
func ledgerRow(id, name string, loadedAt time.Time, took time.Duration) []column {
	landed := loadedAt.Add(-took)
	return []column{
		{"file_id", id}, {"parse_id", "parse-" + id}, {"revision", 1}, {"kind", "orders"}, {"landing_name", "landing/" + name},
		{"bytes", 10}, {"records", 4}, {"loaded", 2}, {"lines", 3}, {"duplicates", 1}, {"rejected", 1}, {"held", 0}, {"verdict", "loaded"},
		{"landed_at", landed}, {"claimed_at", landed.Add(took / 4)}, {"parsed_at", landed.Add(took / 2)}, {"loaded_at", loadedAt},
	}
}

// TestReporterLists checks the ledger's pages, the findings and the dead letters,
// and that the API of an empty warehouse answers too.
func TestReporterLists(t *testing.T) {
	t.Parallel()
	p := start(t, topology.Reporter)
	for _, path := range []string{
		"orders-per-hour", "category-revenue", "top-products", "aov-by-tier", "geography", "filter-values", "files", "quality", "dead-letters",
	} {
		if got := p.ask(t, path, "rows"); len(got) != 0 {
			t.Errorf("%s of an empty warehouse: %v", path, got)
		}
	}
	if diff := gocmp.Diff([]jsonRow{{
		"orders": 0.0, "revenue": "0.00", "completed_orders": 0.0, "completed_revenue": "0.00", "avg_order_value": nil,
		"completed_avg_order_value": nil, "customers": 0.0, "newest_fact_at": nil, "files": 0.0, "load_p50_ms": nil, "load_p99_ms": nil,
		"newest_order_hour": nil, "newest_load_at": nil,
	}}, p.ask(t, "summary", "rows")); diff != "" {
		t.Errorf("summary of an empty warehouse (-want +got):\n%s", diff)
	}

	events := p.openEvents(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	for i := range 5 {
		// Two files of one instant make the page's border depend on the id.
		at := now.Add(-time.Duration(i/2) * time.Second)
		p.insert(t, "file_ledger", ledgerRow(fmt.Sprintf("file-%d", i), "orders/"+hostileName, at, time.Second))
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
