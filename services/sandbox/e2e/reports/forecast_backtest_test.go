package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/ets"
)

// TestForecastOfTheSampleShop forecasts half a year of the sample shop from three earlier days, with and without the
// unusual days, and holds both to what came: as the shop is, whose one outage is among what came, and with an outage or a
// sale shortly before each of the three days.
func TestForecastOfTheSampleShop(t *testing.T) {
	t.Parallel()
	const days, horizon, origins, seeds = 182, 28, 3, 4
	sales := make([][]float64, 0, 2*seeds) // orders and revenue of several shops
	for seed := range uint64(seeds) {
		orders, revenue := sampleDays(t, seed+1, days)
		sales = append(sales, orders, revenue)
	}
	for name, test := range map[string]struct {
		plant func(known []float64) // into the days before an origin
		most  float64               // what the error may be of that with all days
	}{
		"as it is":                      {func([]float64) {}, 1.01},
		"an outage three days before":   {func(v []float64) { v[len(v)-3] /= 5 }, 0.9},
		"an outage 17 days before":      {func(v []float64) { v[len(v)-17] /= 5 }, 0.9},
		"a sale of two days, last week": {func(v []float64) { v[len(v)-7] *= 3; v[len(v)-6] *= 3 }, 0.9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all, usual, naive float64
			for _, series := range sales {
				for _, way := range []struct {
					fit func([]float64, int) (ets.Model, error)
					sum *float64
				}{{ets.Fit, &all}, {ets.FitUsual, &usual}} {
					b, err := ets.Test(func(known []float64, steps int) ([]ets.Step, error) {
						known = slices.Clone(known)
						test.plant(known)
						model, err := way.fit(known, 7)
						return model.Forecast(steps, 0), err
					}, series, 7, horizon, origins)
					if err != nil || b.Origins != origins {
						t.Fatalf("%+v, %v", b, err)
					}
					*way.sum += b.Model / float64(len(sales))
					naive += b.Naive / float64(2*len(sales))
				}
			}
			t.Logf("WAPE %.4f with all days, %.4f without the unusual ones; naive %.4f", all, usual, naive)
			if usual > all*test.most {
				t.Errorf("WAPE %.4f without the unusual days, %.4f with them", usual, all)
			}
		})
	}
}

// sampleDays are the orders and the revenue of the sample shop's days.
func sampleDays(t *testing.T, seed uint64, days int) (orders, revenue []float64) {
	t.Helper()
	end := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	history, err := generate.NewHistory(generate.HistoryOptions{Seed: seed, To: end, Days: days})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := history.WriteUntil(&file, end); err != nil {
		t.Fatal(err)
	}
	orders, revenue = make([]float64, days), make([]float64, days)
	seen := make(map[string]bool)
	for records := json.NewDecoder(&file); ; {
		var o struct {
			ID    string  `json:"order_id"`
			Time  string  `json:"order_timestamp"` // on the shop's clock, here UTC
			Total float64 `json:"total_amount"`
		}
		if err := records.Decode(&o); errors.Is(err, io.EOF) {
			return orders, revenue
		} else if err != nil {
			t.Fatal(err)
		}
		if seen[o.ID] { // a later version
			continue
		}
		seen[o.ID] = true
		at, err := time.Parse(time.DateOnly, o.Time[:len(time.DateOnly)])
		if err != nil {
			t.Fatal(err)
		}
		day := days - int(end.Sub(at)/(24*time.Hour))
		orders[day]++
		revenue[day] += o.Total
	}
}
