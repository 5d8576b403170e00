package reports

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// TestForecastWantedFromBigQuery makes the reports with a model that the embedded BigQuery does not have: all of them come, the
// forecast by exponential smoothing, and it says why. What BigQuery would be given is each series' whole past.
func TestForecastWantedFromBigQuery(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	history, today := reportcheck.LandHistory(t, p)
	now := today.AddDate(0, 0, 1).Add(time.Hour)
	runner := p.Daily(t, func() time.Time { return now }, func(c *daily.Config) { c.TrendMaxSeries, c.ForecastModel = 6, "timesfm" })
	if rows := reportcheck.Make(t, p, runner, history, today)["forecast"]; len(rows) == 0 {
		t.Error("there is no forecast: the test tests nothing")
	}
	const why = "AI.FORECAST runs on BigQuery only: set FORECAST_MODEL=ets"
	parameters := harness.ValueText(p.MustQuery(t, "SELECT parameters FROM report_runs WHERE report = 'forecast'")[0][0])
	if !strings.HasPrefix(parameters, "TREND_MAX_SERIES=6 FORECAST_MODEL=timesfm MODEL=TimesFM 2.0 INSTEAD=") || !strings.Contains(parameters, why) {
		t.Errorf("the forecast was made with %s", parameters)
	}
	if page := p.Object(t, daily.ObjectName(civil.DateOf(today), daily.PageFile)); !strings.Contains(page, why) {
		t.Error("the page does not say why")
	}
	compareGiven(t, p, civil.DateOf(today))
}

// compareGiven compares what learn_forecast_timesfm hands to AI.FORECAST with what learn_forecast reads.
func compareGiven(t *testing.T, p *harness.Pipeline, last civil.Date) {
	t.Helper()
	ask := func(name string, change func(string) string) [][]bigquery.Value {
		statement, err := sql.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		query := p.Bigquery.Query(change(statement.Text))
		query.DefaultDatasetID = p.Endpoints.Dataset
		first := last.AddDays(-181)
		query.Parameters = []bigquery.QueryParameter{
			{Name: "from_date", Value: first}, {Name: "to_date", Value: last}, {Name: "from_time", Value: first.In(time.UTC)},
			{Name: "to_time", Value: last.AddDays(1).In(time.UTC)}, {Name: "time_zone", Value: "UTC"}, {Name: "max_series", Value: int64(2)},
		}
		it, err := query.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var rows [][]bigquery.Value
		for {
			var row []bigquery.Value
			if err := it.Next(&row); errors.Is(err, iterator.Done) {
				return rows
			} else if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
	}
	want := make(map[string]string)
	begun := make(map[string]civil.Date)
	type cell struct {
		category, measure string
		day               civil.Date
	}
	sold := make(map[cell]*big.Rat)
	for _, row := range ask("reports/learn_forecast", func(text string) string { return text }) {
		category, day := row[0].(string), row[1].(civil.Date)
		if _, known := begun[category]; !known {
			begun[category] = day
		}
		sold[cell{category, "orders", day}] = big.NewRat(row[2].(int64), 1)
		sold[cell{category, "units", day}] = big.NewRat(row[3].(int64), 1)
		sold[cell{category, "revenue", day}] = row[4].(*big.Rat)
	}
	for category, first := range begun {
		for _, back := range []int{0, 28, 56, 84} {
			end := last.AddDays(-back)
			if end.DaysSince(first)+1 < 28 {
				continue
			}
			for _, measure := range []string{"orders", "units", "revenue"} {
				for day := first; !day.After(end); day = day.AddDays(1) {
					value := "0"
					if v := sold[cell{category, measure, day}]; v != nil {
						value = harness.ValueText(v)
					}
					want[fmt.Sprintf("%q %s %d %s", category, measure, back, day)] = value
				}
			}
		}
	}
	got := make(map[string]string)
	for _, row := range ask("reports/learn_forecast_timesfm", func(text string) string {
		given, _, found := strings.Cut(text, "SELECT\n  f.category,")
		if !found || !strings.Contains(text, "FROM AI.FORECAST(\n  TABLE known,") {
			t.Fatalf("the statement is another one:\n%s", text)
		}
		return given + "SELECT category, measure, days_back, day, value FROM known"
	}) {
		key := fmt.Sprintf("%q %s %d %s", row[0], row[1], row[2], row[3])
		if got[key] != "" {
			t.Errorf("%s is given twice", key)
		}
		got[key] = harness.ValueText(row[4])
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 4*3*100 {
		t.Errorf("what is given to AI.FORECAST (-want +got), %d values:\n%s", len(want), diff)
	}
}
