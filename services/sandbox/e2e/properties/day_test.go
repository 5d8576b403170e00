package properties

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
)

// A whole day is run by hand: go test ./services/sandbox/e2e/properties -run NextDay -day-orders 1000 -timeout 1h.
var (
	dayFiles  = flag.Int("day-files", 96, "files of a day for TestNextDay")
	dayOrders = flag.Int("day-orders", 20, "orders in each of them")
)

// TestNextDay lands a day of orders and what the next day made of them, in random order and
// half of the files twice, kills everything again and again, has messages come twice, and
// expects every number of the warehouse and of the daily reports to equal the model's.
func TestNextDay(t *testing.T) {
	t.Parallel()
	const parts, doubled = 4, "seed 13; pubsub.messages.* twice rate 0.5; pubsub.messages.* again"
	today := time.Now().UTC().Truncate(24 * time.Hour)
	rnd := rand.New(rand.NewPCG(96, 13))
	files := dayAndNext(t, rnd, today.AddDate(0, 0, -2))
	for _, f := range files[:len(files)/2] {
		files = append(files, randomFile{f.name + ".copy", f.content})
	}
	rnd.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })

	dir := t.TempDir()
	sandbox, p := harness.StartProcess(t, dir, harness.ProcessFaults+"="+doubled)
	history := &harness.Landed{}
	history.Add(t, p, "products/products.csv", harness.ProductFile(t, 1))
	history.Add(t, p, "customers/customers.csv", harness.CustomerFile(t, 1))
	for part := range slices.Chunk(files, (len(files)+parts-1)/parts) {
		seen := len(history.Sources)
		history.Sources = append(history.Sources, landTogether(t, p, part, 8)...)
		if len(history.Sources) < 2+len(files) {
			awaitGrowth(t, p, seen+len(part)/2)
			sandbox.Kill(t)
			sandbox, p = harness.StartProcess(t, dir, harness.ProcessFaults+"="+doubled)
		}
	}
	harness.Echo(t, p)
	awaitGrowth(t, p, len(history.Sources))
	p.AwaitFiles(t, len(history.Sources))
	harness.VerifyAll(t, p, history.Sources)

	runner := p.Daily(t, time.Now, func(c *daily.Config) { c.TrendMaxSeries = 6 }) // as the model is told
	for _, date := range []time.Time{today.AddDate(0, 0, -2), today.AddDate(0, 0, -1)} {
		reportcheck.Make(t, p, runner, history, date)
	}
	p.Check(t, "late, early and moved versions are among them", `SELECT (SELECT SUM(updated) > 0 FROM file_ledger), COUNTIF(outcome = 'superseded') > 0,
		COUNTIF(outcome = 'stale') > 0, (SELECT COUNT(DISTINCT order_date) FROM fact_orders) FROM order_history`, "true|true|true|2\n")
}

// dayAndNext draws the files of a day, and those of the next day: in a quarter as many
// files, a tenth of the orders are paid, every fiftieth is paid back, and every hundredth
// moved on by a day.
func dayAndNext(t *testing.T, rnd *rand.Rand, day time.Time) []randomFile {
	t.Helper()
	next := day.AddDate(0, 0, 1)
	orders, err := generate.NewOrders(generate.OrderOptions{Seed: 96, From: day, To: next, UpdateShare: 0.05})
	if err != nil {
		t.Fatal(err)
	}
	var files []randomFile
	var lines [][]byte
	for i := range *dayFiles {
		var content []byte
		for range *dayOrders {
			line := orders.Append(nil)
			lines, content = append(lines, line), append(content, line...)
		}
		files = append(files, randomFile{fmt.Sprintf("orders/day_%03d.json", i), content})
	}
	later := make([][]byte, max(1, *dayFiles/4))
	n := len(lines)
	for i, of := range rnd.Perm(n)[:n*13/100] {
		var o map[string]json.RawMessage
		if err := json.Unmarshal(lines[of], &o); err != nil {
			t.Fatal(err)
		}
		switch {
		case i < n/10:
			o["payment_status"] = json.RawMessage(`"completed"`)
		case i < n*12/100:
			o["payment_status"], o["refunded_amount"] = json.RawMessage(`"refunded"`), o["total_amount"]
		default:
			at := day.Add(24*time.Hour + time.Duration(rnd.Int64N(int64(24*time.Hour))))
			o["order_timestamp"] = json.RawMessage(at.Format(`"2006-01-02T15:04:05.999999Z"`))
		}
		at := next.Add(time.Duration(rnd.IntN(24*60)) * time.Minute)
		o["updated_at"] = json.RawMessage(at.Format(`"` + time.RFC3339 + `"`))
		line, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		file := rnd.IntN(len(later))
		later[file] = append(append(later[file], line...), '\n')
	}
	for i, content := range later {
		files = append(files, randomFile{fmt.Sprintf("orders/next_%03d.json", i), content})
	}
	rnd.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	return files
}

// awaitGrowth waits until the ledger holds n files, for as long as it grows.
func awaitGrowth(t *testing.T, p *harness.Pipeline, n int) {
	t.Helper()
	for have := int64(0); have < int64(n); {
		least := have
		harness.Await(t, fmt.Sprintf("more than %d of %d files in the ledger", least, n), func() (bool, error) {
			rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger")
			if err == nil {
				have = rows[0][0].(int64)
			}
			return have > least, err
		})
	}
}
