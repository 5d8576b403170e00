package dataset

import (
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
)

var someTime = time.Date(2026, 11, 23, 19, 34, 56, 0, time.UTC)

func FuzzRequest(f *testing.F) {
	f.Add("from=2026-11-01&to=2026-11-02&limit=5&page_token=" + answer.TimeCursor(someTime, "x").String())
	f.Add("from=%ff&to=2026-11-01T00:00:00+25:00")
	f.Fuzz(func(t *testing.T, query string) {
		for i := range datasets {
			d := &datasets[i]
			r, p := parser{now: someTime, maxPeriod: 366 * day}.parse(d, func(string) string { return "1" }, query)
			if p != nil {
				continue
			}
			if d.grain > 0 && !r.from.Before(r.to) || r.to.Sub(r.from) > 366*day || r.limit > d.maxLimit {
				t.Fatalf("%s?%s: accepted %+v", d.path, query, r)
			}
			if again, ok := answer.ParseCursor(r.cursor.String()); !ok || again != r.cursor {
				t.Fatalf("cursor %+v reads as %+v", r.cursor, again)
			}
		}
	})
}
