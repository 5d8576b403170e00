package dashboard

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/trace"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestOrderPage follows an order of three versions, and one whose name is hostile: the
// API tells what pipelinectl trace tells, and the page shows it on every screen and ground.
func TestOrderPage(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "products/products.csv", []byte(harness.SmallProducts))
	p.Land(t, "orders/first.json", []byte(harness.Version("o-1", 1, 1, "10.00", "pending")))
	p.AwaitFiles(t, 2)
	hostile, err := json.Marshal(shownName)
	if err != nil {
		t.Fatal(err)
	}
	p.Land(t, "orders/second.json", []byte(harness.Version("o-1", 1, 2, "12.00", "completed")+strings.Replace(harness.Order("o-2", 1, "P-9", "C-1", "5.00"), `"o-2"`, string(hostile), 1)+
		strings.Replace(harness.Order("o-3", 1, "P-1", "C-1", "5.00"), `"total_amount":5.00`, `"total_amount":7.00`, 1)+harness.Order("o-4", 1, "P-1", "C-1", "-5.00")))
	p.AwaitFiles(t, 3)
	p.Land(t, "orders/stale.json", []byte(harness.Version("o-1", 1, 1, "11.00", "failed")))
	p.AwaitFiles(t, 4)

	out, _, err := p.PipelinectlApart(t, "-o", "json", "trace", "o-1")
	var told trace.Trace
	if err != nil || json.Unmarshal([]byte(out), &told) != nil {
		t.Fatalf("trace: %v\n%s", err, out)
	}
	var versions, want []string
	for _, v := range p.Ask(t, "orders/o-1", "rows") {
		versions = append(versions, fmt.Sprint(v["outcome"], v["content_hash"], v["file_id"], v["record_index"], v["landing_name"], v["transaction_number"], v["staged_parse_id"]))
	}
	for _, v := range told.Versions {
		want = append(want, fmt.Sprint(v.Outcome, v.ContentHash, v.FileID, v.RecordIndex, v.File.LandingName, *v.File.Transaction, v.Staging.ParseID))
	}
	if diff := cmp.Diff(want, versions); diff != "" || len(versions) != 3 {
		t.Errorf("versions (-pipelinectl +page):\n%s", diff)
	}
	if facts := p.Ask(t, "orders/o-1", "facts"); len(facts) != 1 || facts[0]["line_total"] != "12.00" || facts[0]["payment_status"] != "completed" {
		t.Errorf("facts %v", facts)
	}
	var cells, wantCells []string
	for _, r := range p.Ask(t, "orders/o-1", "figures") {
		cells = append(cells, fmt.Sprint(r["place"], " ", r["row_key"], " ", r["orders"]))
	}
	for _, c := range told.Cells {
		wantCells = append(wantCells, fmt.Sprint(c.Place, " ", c.Key, " ", c.Orders))
	}
	if diff := cmp.Diff(wantCells, cells); diff != "" || len(cells) < 2 {
		t.Errorf("figures (-pipelinectl +page):\n%s", diff)
	}
	for id, want := range map[string]int{"orders/o-4": 404, "orders/nothing": 404, "orders/%00": 400, "orders/o-1?x=1": 400} {
		if status, body := p.Fetch(t, "/api/v1/"+id); status != want {
			t.Errorf("%s: status %d, want %d: %s", id, status, want, body)
		}
	}

	b := openBrowser(t, p.Dashboard)
	for _, width := range []int64{1440, 768, 390} {
		if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 844, DeviceScaleFactor: 1, Mobile: width < 500}); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"o-1", shownName} {
			b.open(t, "/orders/"+url.PathEscape(id))
			if got := b.text(t, "h1"); got != id {
				t.Errorf("the page is headed %q, want %q", got, id)
			}
			if n := eval[int](t, b, `document.querySelectorAll('[data-state="error"], .stale, main img, main script').length`); n != 0 {
				t.Errorf("%s: %d panels have failed, or elements were made of a name", id, n)
			}
			if wide := eval[int64](t, b, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("%s is %d pixels wide on a screen of %d", id, wide, width)
			}
		}
	}
	if _, err := chromedp.Call(b.ctx, emulation.ClearDeviceMetricsOverride, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	b.open(t, "/orders/o-1")
	shown := b.text(t, "main")
	for _, want := range []string{"Version 1 of 3", "Version 3 of 3", "superseded", "stale", "current", "first.json", "second.json", "$12.00", "Day and category", "pipelinectl trace --bytes o-1"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page does not say %q:\n%s", want, shown)
		}
	}
	if strings.Contains(shown, "1 Main St") || strings.Contains(shown, "10001") {
		t.Errorf("the page names an address:\n%s", shown)
	}
	b.do(t, chromedp.Click("#versions a"))
	b.until(t, "the file of the first version", `location.pathname.startsWith("/files/")`)
	b.settle(t, "the file")
	b.open(t, "/quality?rule=amount_mismatch")
	b.do(t, chromedp.Click(`.findings a[href^="/orders/"]`))
	b.until(t, "the order of the finding", `document.querySelector("h1")?.textContent === "o-3"`)
	b.settle(t, "the order")
	b.expect("/api/v1/orders/nothing")
	b.open(t, "/orders/nothing")
	b.until(t, "no such order", `document.querySelector("main").innerText.includes("No file has brought such an order")`)
}
