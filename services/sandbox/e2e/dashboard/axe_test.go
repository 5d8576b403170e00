package dashboard

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestAccessible holds every page, on light and dark ground, on a wide and a narrow screen, against the default rules of axe;
// and axe finds a fault that is made.
func TestAccessible(t *testing.T) {
	t.Parallel()
	harness.InstallNode(t, "axe")
	axe, err := os.ReadFile(filepath.Join("axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	p := harness.Start(t, "all")
	p.Land(t, "products/products.csv", []byte(harness.SmallProducts))
	p.Land(t, "orders/first.json", []byte(harness.Version("o-1", 1, 1, "10.00", "pending")))
	p.AwaitFiles(t, 2)
	earlier := time.Now().UTC().Format(time.RFC3339Nano)
	p.Land(t, "orders/second.json", []byte(harness.Version("o-1", 1, 2, "12.00", "completed")+harness.Order("o-2", 1, "P-9", "C-1", "5.00")+
		harness.Order("o-3", 1, "P-1", "C-1", "6.00")+harness.Order("o-4", 1, "P-1", "C-1", "-5.00")))
	p.Land(t, "orders/broken.json", []byte("{\n{\n"))
	p.AwaitFiles(t, 4)
	now := time.Now()
	if err := p.Daily(t, time.Now).Make(t.Context(), civil.DateOf(now.UTC()), nil); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{{"annotations", "add", "sale"}, {"goals", "set", "revenue", "1"}, {"goals", "set", "--per", "month", "orders", "100000"}} {
		if out, err := p.Pipelinectl(t, line...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	ids := make(map[string]string)
	for _, row := range p.MustQuery(t, "SELECT landing_name, file_id FROM file_ledger") {
		ids[row[0].(string)] = row[1].(string)
	}
	pages := []string{
		"/", "/?period=7d&tier=gold&status=completed", "/files", "/files?verdict=quarantined", "/files/" + ids["landing/orders/second.json"],
		"/files/" + ids["landing/orders/broken.json"], "/orders/o-1", "/orders/o-2", "/products/P-1", "/products/P-9", "/as-of", "/as-of?period=31d&moment=" + url.QueryEscape(earlier), "/customers", "/customers/C-1", "/quality", "/quality?rule=non_positive_amount", "/profile", "/dead-letters", "/reports", "/system",
	}
	b := openBrowser(t, p.Dashboard)
	for _, theme := range []string{"light", "dark"} {
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}); err != nil {
			t.Fatal(err)
		}
		for _, width := range []int64{1440, 390} {
			if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 844, DeviceScaleFactor: 1, Mobile: width < 500}); err != nil {
				t.Fatal(err)
			}
			for _, page := range pages {
				b.open(t, page)
				eval[bool](t, b, `(document.querySelector("#notes button")?.click(), true)`)
				for _, fault := range b.violations(t, string(axe)) {
					t.Errorf("%s, %s, %d pixels: %s", page, theme, width, fault)
				}
			}
		}
	}
	if eval[bool](t, b, `document.querySelector("main").append(document.createElement("input")) === undefined`); len(b.violations(t, string(axe))) == 0 {
		t.Error("a field without a name is not found")
	}
}

// violations are what axe finds wrong with the page that is shown: each rule, with the elements that break it.
func (b *browser) violations(t *testing.T, axe string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, *harness.Deadline)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](axe+`;
		axe.run(document).then((r) => {
			if (r.passes.length < 10) return ["only " + r.passes.length + " rules were met"];
			return r.violations.map((v) => v.id + ": " + v.help + "\n" + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.failureSummary).join("\n"));
		})`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
