package reports

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// madeBuyer is a customer of whom everything is known.
type madeBuyer struct {
	days   []int   // days with an order, from the first day of the shop
	cents  []int64 // what each of them brought
	leaves float64 // the day after which no order comes
	rate   float64 // orders a day
	spend  float64 // of a day with an order, on average
}

// makeBuyers draws customers who are not those of the report's model: rates are log-normal, so
// is what they spend, and pauses are those of habits from haphazard to three stages. A third never
// come back; of the others each leaves after an order with a chance of his own, or, if byTime, after
// 200 days on average, however often he orders.
func makeBuyers(rnd *rand.Rand, n, days int, byTime bool) []madeBuyer {
	buyers := make([]madeBuyer, n)
	for i := range buyers {
		start := rnd.Float64() * float64(days)
		b := madeBuyer{rate: math.Exp(rnd.NormFloat64()) / 25, spend: 20 * math.Exp(rnd.NormFloat64()), leaves: math.Inf(1)}
		chance := rnd.Float64() * rnd.Float64() / 2
		if byTime {
			b.leaves, chance = start+rnd.ExpFloat64()*200, 0
		}
		if rnd.IntN(3) == 0 {
			b.leaves = start
		}
		habit := 1 + rnd.IntN(3)
		for at := start; at <= min(b.leaves, float64(days-1)+0.999); {
			if day := int(at); len(b.days) == 0 || b.days[len(b.days)-1] != day {
				b.days = append(b.days, day)
				b.cents = append(b.cents, max(1, int64(b.spend*100*math.Exp(rnd.NormFloat64()*0.3))))
			}
			if rnd.Float64() < chance {
				b.leaves = at
				break
			}
			for range habit {
				at += rnd.ExpFloat64() / b.rate / float64(habit)
			}
		}
		buyers[i] = b
	}
	return buyers
}

// TestChurnFindsWhoIsGone makes the report of 4,000 customers whose end is known, and holds what it
// says against what is so: probabilities that are met as often as they say, a ranking that finds those
// who are gone, and most of the money that went with them. Where customers leave after orders, the ranking
// is better than that by days since the last order. Where all leave after equal times, these days are
// all there is to know, and it is nearly as good.
func TestChurnFindsWhoIsGone(t *testing.T) {
	t.Parallel()
	for name, world := range map[string]struct {
		byTime bool
		better float64 // by what the area under the curve is larger at least than that of the days since the last order
	}{
		"leave after orders": {false, 0.02}, "leave after a time": {true, -0.02},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backtestChurn(t, world.byTime, world.better)
		})
	}
}

func backtestChurn(t *testing.T, byTime bool, better float64) {
	t.Helper()
	const days = 540
	p := harness.StartWith(t, harness.NewConfig(t.TempDir(), "none"))
	date := civil.Date{Year: 2026, Month: 3, Day: 1}
	buyers := makeBuyers(rand.New(rand.NewPCG(2005, 2021)), 4000, days, byTime)
	insertBuyers(t, p, date.AddDays(1-days), buyers)
	sumUpFacts(t, p)
	runner := p.Daily(t, time.Now, func(c *daily.Config) { c.ChurnAfterDays = 1 }) // so that it tells of nearly all
	if err := runner.Make(t.Context(), date, nil); err != nil {
		t.Fatal(err)
	}
	t.Log(harness.Text(p.MustQuery(t, "SELECT parameters FROM report_runs WHERE report = 'churn-risk'")))

	type judged struct {
		gone                   bool
		says, silent, lost, at float64 // what the report says, days of silence, what went in truth, value at risk
	}
	var repeat, once []judged
	for _, row := range p.MustQuery(t, "SELECT customer_id, CAST(risk_score AS FLOAT64), CAST(days_since_last_order AS FLOAT64), CAST(value_at_risk AS FLOAT64), segment FROM report_churn_risk ORDER BY position") {
		var n int
		if _, err := fmt.Sscanf(row[0].(string), "B-%d", &n); err != nil {
			t.Fatal(err)
		}
		b := buyers[n]
		j := judged{gone: b.leaves < days, says: row[1].(float64), silent: row[2].(float64), at: row[3].(float64)}
		if j.gone {
			j.lost = b.rate * b.spend * 90
		}
		if row[4] == "repeat" {
			repeat = append(repeat, j)
		} else {
			once = append(once, j)
		}
	}
	if len(repeat) < 1500 || len(once) < 1000 {
		t.Fatalf("%d customers who came back, %d who did not", len(repeat), len(once))
	}

	// By tenths of the customers: what the report says on average, and how many are gone.
	byScore := slices.SortedStableFunc(slices.Values(repeat), func(a, b judged) int { return cmp.Compare(a.says, b.says) })
	mean := func(of []judged) (says, gone float64) {
		for _, j := range of {
			says += j.says / float64(len(of))
			if j.gone {
				gone += 1 / float64(len(of))
			}
		}
		return says, gone
	}
	worst := 0.0
	for tenth := range 10 {
		says, gone := mean(byScore[len(byScore)*tenth/10 : len(byScore)*(tenth+1)/10])
		t.Logf("tenth %d: says %.3f, gone are %.3f", tenth+1, says, gone)
		worst = max(worst, math.Abs(says-gone))
	}
	says, gone := mean(repeat)
	saysOnce, goneOnce := mean(once)
	t.Logf("came back: says %.3f, gone are %.3f; bought once: says %.3f, gone are %.3f", says, gone, saysOnce, goneOnce)
	if worst > 0.15 || math.Abs(says-gone) > 0.05 || math.Abs(saysOnce-goneOnce) > 0.1 {
		t.Errorf("probabilities are off by %.3f in a tenth, by %.3f overall, by %.3f of one-time buyers", worst, says-gone, saysOnce-goneOnce)
	}

	// Who has been silent for a year is gone by any rule; the question is who of the last two months is.
	recent := slices.DeleteFunc(slices.Clone(repeat), func(j judged) bool { return j.silent > 60 })
	area := func(of []judged, rank func(judged) float64) float64 { // that under the ROC curve
		sorted := slices.SortedStableFunc(slices.Values(of), func(a, b judged) int { return cmp.Compare(rank(a), rank(b)) })
		staying, pairs, right := 0, 0, 0.0
		for i := 0; i < len(sorted); {
			end, here, left := i, 0, 0
			for ; end < len(sorted) && rank(sorted[end]) == rank(sorted[i]); end++ {
				if sorted[end].gone {
					left++
				} else {
					here++
				}
			}
			right += float64(left) * (float64(staying) + float64(here)/2)
			staying += here
			pairs += left
			i = end
		}
		return right / float64(pairs) / float64(staying)
	}
	bySays, bySilent := func(j judged) float64 { return j.says }, func(j judged) float64 { return j.silent }
	all, allNaive := area(repeat, bySays), area(repeat, bySilent)
	model, naive := area(recent, bySays), area(recent, bySilent)
	lost := func(rank func(judged) float64) float64 {
		sum := 0.0
		for _, j := range slices.SortedStableFunc(slices.Values(repeat), func(a, b judged) int { return cmp.Compare(rank(b), rank(a)) })[:100] {
			sum += j.lost
		}
		return sum
	}
	byReport, bySilence, byTruth := lost(func(j judged) float64 { return j.at }), lost(bySilent), lost(func(j judged) float64 { return j.lost })
	t.Logf("area under the curve: %.3f, by days since the last order %.3f; of the %d of the last 60 days %.3f and %.3f", all, allNaive, len(recent), model, naive)
	t.Logf("lost in 90 days with the first 100: %.0f, by days since the last order %.0f, at best %.0f", byReport, bySilence, byTruth)
	if all < 0.92 || all < allNaive+better || model < 0.75 || model < naive+better-0.02 {
		t.Errorf("the report orders %.3f of the pairs right, of the last 60 days %.3f, days since the last order %.3f", all, model, naive)
	}
	if byReport < 3*bySilence || byReport < 0.5*byTruth {
		t.Errorf("the first 100 of the report took %.0f along, those longest silent %.0f, at best %.0f", byReport, bySilence, byTruth)
	}
}

// insertBuyers writes the orders into the facts, in few statements.
func insertBuyers(t *testing.T, p *harness.Pipeline, first civil.Date, buyers []madeBuyer) {
	t.Helper()
	var rows []string
	flush := func() {
		query := p.Bigquery.Query(`INSERT INTO fact_orders (order_id, line_number, customer_id, customer_tier, order_timestamp, order_date, order_hour,
			product_id, category, quantity, unit_price, line_total, total_amount, payment_status, region, file_id, record_index, loaded_at)
		WITH cells AS (SELECT SPLIT(r, ',') AS c FROM UNNEST(@rows) AS r)
		SELECT CONCAT(c[OFFSET(0)], '-', c[OFFSET(1)]), 1, c[OFFSET(0)], 'unknown', TIMESTAMP(DATE_ADD(@first, INTERVAL CAST(c[OFFSET(1)] AS INT64) DAY)),
			DATE_ADD(@first, INTERVAL CAST(c[OFFSET(1)] AS INT64) DAY), 0, 'P-1', 'unknown', 1, CAST(c[OFFSET(2)] AS NUMERIC) / 100, CAST(c[OFFSET(2)] AS NUMERIC) / 100,
			CAST(c[OFFSET(2)] AS NUMERIC) / 100, 'completed', 'US', 'file', 1, TIMESTAMP '2026-03-02 00:00:00+00'
		FROM cells`)
		query.DefaultDatasetID = p.Endpoints.Dataset
		query.Parameters = []bigquery.QueryParameter{{Name: "rows", Value: rows}, {Name: "first", Value: first}}
		if _, err := query.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows = rows[:0]
	}
	for n, b := range buyers {
		for i, day := range b.days {
			rows = append(rows, strings.Join([]string{fmt.Sprintf("B-%d", n), fmt.Sprint(day), fmt.Sprint(b.cents[i])}, ","))
		}
		if len(rows) > 5000 || n == len(buyers)-1 {
			flush()
		}
	}
}
