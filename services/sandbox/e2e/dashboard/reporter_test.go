package dashboard

import (
	"bufio"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// salesFilter is what the dashboard's filters say.
type salesFilter struct{ category, region, state, tier, status string }

func (f salesFilter) query() string {
	values := url.Values{}
	for name, value := range map[string]string{"category": f.category, "region": f.region, "state": f.state, "tier": f.tier, "status": f.status} {
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
		status := l.Status
		if status == "on hold" {
			status = "other"
		}
		if f.category != "" && l.Category != f.category || f.region != "" && l.Region != f.region || f.state != "" && stateOf(l) != f.state ||
			f.tier != "" && l.Tier != f.tier || f.status != "" && status != f.status {
			continue
		}
		passed = append(passed, l)
		if worth[l.Order] == nil {
			worth[l.Order] = new(big.Rat)
		}
		worth[l.Order].Add(worth[l.Order], l.LineTotal)
	}
	if f.category != "" {
		for i := range passed {
			passed[i].Total, passed[i].Refunded = worth[passed[i].Order], nil
		}
	}
	return passed
}

// stateOf is the postal code of the state of the USA that a line names, "" if there is none.
func stateOf(l saleLine) string {
	return map[string]string{"NY": "NY", "CA": "CA", " ca": "CA", "Texas": "TX"}[l.state.StringVal]
}

func between(lines []saleLine, from, to time.Time) []saleLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l saleLine) bool { return l.At.Before(from) || !l.At.Before(to) })
}

// TestReporterFigures compares what the API says with sums over the same lines in
// Go, for every filter.
func TestReporterFigures(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, topology.Reporter)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	lines := makeSales(today)
	for _, l := range lines {
		p.Insert(t, "fact_orders", l.Columns())
	}
	for _, h := range hourRows(lines) {
		p.Insert(t, "agg_hourly_metrics", h)
	}
	for _, c := range categoryRows(lines) {
		p.Insert(t, "agg_category_revenue", c)
	}
	// Facts that no aggregator has loaded: provisioning gives their days the aggregates.
	if _, err := provision.Provision(t.Context(), p.Endpoints, provision.Options{}); err != nil {
		t.Fatal(err)
	}
	loaded := today.Add(-time.Hour)
	for i, delay := range fileDelays {
		p.Insert(t, "file_ledger", harness.LedgerRow(fmt.Sprintf("file-%d", i), "orders/a.json", loaded, delay))
	}

	// The first period leaves out the first two days and, by the clock, the last hours;
	// whole days let the aggregates answer.
	for _, period := range []struct {
		name     string
		from, to time.Time
	}{{"hours", today.AddDate(0, 0, -4), today.Add(-6 * time.Hour)}, {"days", today.AddDate(0, 0, -3), today}} {
		for name, filter := range map[string]salesFilter{
			"all": {}, "category": {category: "Books"}, "hostile category": {category: hostileName}, "region": {region: "West"}, "state": {state: "CA"}, "spelt state": {state: "TX", category: "Books"}, "tier": {tier: "gold"},
			"hostile tier": {tier: hostileName}, "status": {status: "completed"}, "other status": {status: "other"}, "failed": {status: "failed"}, "paid back": {status: "refunded"},
			"two": {category: "Books", status: "completed"}, "nothing": {region: "Atlantis"},
		} {
			t.Run(period.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				within := between(filter.lines(lines), period.from, period.to)
				if n := len(within); (n == 0) != (name == "nothing") || n == len(lines) {
					t.Fatalf("%d of %d lines: the test tests nothing", n, len(lines))
				}
				query := "?from=" + period.from.Format(time.RFC3339) + "&to=" + period.to.Format(time.RFC3339) + "&" + filter.query()
				check := func(path string, want []harness.JsonRow, key string) {
					t.Helper()
					if diff := gocmp.Diff(want, p.Ask(t, path, key), cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%s of %s (-want +got):\n%s", key, path, diff)
					}
				}
				check("summary"+query, wantSummary(lines, within, loaded), "rows")
				length := period.to.Sub(period.from)
				before := between(filter.lines(lines), period.from.Add(-length), period.to.Add(-length))
				check("summary"+query, wantSummary(lines, before, loaded), "previous")
				check("orders-per-hour"+query, wantHours(within), "rows")
				for _, by := range []byAmount{byRevenue, byTotal, byCompleted} {
					ranked := query + "&rank_by=" + by.Param
					check("category-revenue"+ranked, wantCategories(within, by), "rows")
					check("top-products"+ranked, wantProducts(within, by), "rows")
					check("aov-by-tier"+ranked, wantTiers(within, by), "rows")
					check("geography"+ranked, wantPlaces(within, by), "rows")
				}
			})
		}
	}
	t.Run("pages", func(t *testing.T) {
		t.Parallel()
		period := "?from=" + today.AddDate(0, 0, -3).Format(time.RFC3339) + "&to=" + today.Format(time.RFC3339)
		within := between(lines, today.AddDate(0, 0, -3), today)
		for _, by := range []byAmount{byRevenue, byTotal, byCompleted} {
			for path, want := range map[string]func([]saleLine, byAmount) []harness.JsonRow{
				"category-revenue" + period: wantCategories, "category-revenue" + period + "&tier=gold": wantCategories,
				"top-products" + period: wantProducts, "aov-by-tier" + period: wantTiers,
			} {
				lines := within
				if strings.HasSuffix(path, "gold") {
					lines = salesFilter{tier: "gold"}.lines(within)
				}
				checkPages(t, p, path+"&rank_by="+by.Param, want(lines, by))
			}
		}
	})
	t.Run("few places", func(t *testing.T) {
		t.Parallel()
		// The best of each level, and of the states the best of the USA and of all others.
		seen := map[string]bool{}
		want := slices.DeleteFunc(wantPlaces(lines, byRevenue), func(r harness.JsonRow) bool {
			kind := fmt.Sprint(r["level"], r["level"] == "state" && (r["state"] == "NY" || r["state"] == "CA"))
			defer func() { seen[kind] = true }()
			return seen[kind]
		})
		if len(want) != 4 {
			t.Fatalf("%d kinds of places: the test tests nothing", len(want))
		}
		totals := map[any]harness.JsonRow{}
		path := "geography?limit=1&from=" + today.AddDate(0, 0, -6).Format(time.RFC3339) + "&to=" + today.Format(time.RFC3339)
		if diff := gocmp.Diff(want, p.Ask(t, path, "rows")); diff != "" {
			t.Errorf("the first places (-want +got):\n%s", diff)
		}
		for _, r := range p.Ask(t, path, "totals") {
			totals[r["level"]] = r
			delete(r, "level")
		}
		for _, level := range []string{"region", "state", "country"} {
			checkTotals(t, path, totals[level], slices.DeleteFunc(wantPlaces(lines, byRevenue), func(r harness.JsonRow) bool { return r["level"] != level }))
		}
	})
	t.Run("filter values", func(t *testing.T) {
		t.Parallel()
		within := between(lines, today.AddDate(0, 0, -3), today)
		var want []harness.JsonRow
		for _, filter := range []struct {
			name string
			key  func(saleLine) string
		}{
			{"category", func(l saleLine) string { return l.Category }}, {"region", func(l saleLine) string { return l.Region }},
			{"tier", func(l saleLine) string { return l.Tier }},
		} {
			groups := groupBy(within, filter.key)
			for _, value := range ranked(groups, func(g *group) *big.Rat { return big.NewRat(int64(len(g.Orders)), 1) }) {
				want = append(want, harness.JsonRow{"filter": filter.name, "value": value, "orders": float64(len(groups[value].Orders))})
			}
		}
		path := "filter-values?from=" + today.AddDate(0, 0, -3).Format(time.RFC3339) + "&to=" + today.Format(time.RFC3339)
		if diff := gocmp.Diff(want, p.Ask(t, path, "rows")); diff != "" {
			t.Errorf("filter values (-want +got):\n%s", diff)
		}
	})
}

// TestReporterLists checks the ledger's pages, the findings and the dead letters,
// and that the API of an empty warehouse answers too.
func TestReporterLists(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, topology.Reporter)
	for _, path := range []string{
		"orders-per-hour", "category-revenue", "top-products", "aov-by-tier", "geography", "filter-values", "files", "quality", "dead-letters",
	} {
		if got := p.Ask(t, path, "rows"); len(got) != 0 {
			t.Errorf("%s of an empty warehouse: %v", path, got)
		}
	}
	if diff := gocmp.Diff([]harness.JsonRow{{
		"orders": 0.0, "sold_orders": 0.0, "revenue": "0.00", "total_revenue": "0.00", "refunded_revenue": "0.00", "net_revenue": "0.00",
		"failed_revenue": "0.00", "cancelled_revenue": "0.00", "pending_revenue": "0.00", "other_revenue": "0.00", "paid_back_revenue": "0.00",
		"paid_orders": 0.0, "completed_orders": 0.0, "completed_revenue": "0.00", "avg_order_value": nil, "total_avg_order_value": nil,
		"completed_avg_order_value": nil, "customers": 0.0, "newest_fact_at": nil, "files": 0.0, "load_p50_ms": nil, "load_p99_ms": nil,
		"newest_order_hour": nil, "newest_load_at": nil,
	}}, p.Ask(t, "summary", "rows")); diff != "" {
		t.Errorf("summary of an empty warehouse (-want +got):\n%s", diff)
	}

	events := openEvents(t, p)
	now := time.Now().UTC().Truncate(time.Microsecond)
	for i := range 5 {
		// Two files of one instant make the page's border depend on the id.
		at := now.Add(-time.Duration(i/2) * time.Second)
		p.Insert(t, "file_ledger", harness.LedgerRow(fmt.Sprintf("file-%d", i), "orders/"+hostileName, at, time.Second))
		p.Insert(t, "data_quality_checks", []harness.Column{
			{"check_id", fmt.Sprintf("check-%d", i)}, {"check_timestamp", at}, {"check_type", "malformed_json"}, {"severity", "error"},
			{"file_id", fmt.Sprintf("file-%d", i)}, {"record_index", i}, {"issue_description", hostileName},
		})
	}
	for i := range 3 {
		p.Insert(t, "dead_letters", []harness.Column{
			{"dead_letter_id", fmt.Sprintf("letter-%d", i/2)}, // the first two are one letter, appended twice
			{"subscription", "orders-validated.writer"}, {"message_id", "m"}, {"error", hostileName}, {"delivery_attempts", 1},
			{"dead_lettered_at", now.Add(time.Duration(i-3) * time.Second)}, {"dead_lettered_date", civil.DateOf(now.Add(time.Duration(i-3) * time.Second))},
		})
	}
	// The answers above are kept until a file completes.
	if got := p.Ask(t, "files", "rows"); len(got) != 0 {
		t.Errorf("files were asked again although none completed")
	}
	complete(t, p, "file-0")
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
		p.AskInto(t, path, &answer)
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
	rules := p.Ask(t, "quality?limit=1", "rules")
	if len(rules) != 1 || rules[0]["findings"] != 5.0 || rules[0]["files"] != 5.0 || rules[0]["meaning"] == nil {
		t.Errorf("rules %v", rules)
	}
	findings := p.Ask(t, "quality?limit=1", "rows")
	if len(findings) != 1 || findings[0]["check_id"] != "check-1" || findings[0]["issue_description"] != hostileName || findings[0]["landing_name"] != "landing/orders/"+hostileName {
		t.Errorf("findings %v", findings)
	}
	letters := p.Ask(t, "dead-letters", "rows")
	if len(letters) != 1 || letters[0]["letters"] != 2.0 || letters[0]["sample_id"] != "letter-1" || letters[0]["sample_error"] != hostileName {
		t.Errorf("dead letters %v", letters)
	}
}

// openEvents returns the data of the refreshes to come.
func openEvents(t *testing.T, p *harness.Pipeline) <-chan string {
	t.Helper()
	resp := p.Open(t, "events")
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
func complete(t *testing.T, p *harness.Pipeline, fileID string) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(t.Context())
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
