package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestLighthouse holds every page to a full score in Lighthouse's categories whose audits do not depend on how fast the
// machine is; and Lighthouse finds a fault that is made.
func TestLighthouse(t *testing.T) {
	t.Parallel()
	node := harness.InstallNode(t, "lighthouse")
	p := harness.Start(t, "all")
	p.Land(t, "products/products.csv", []byte(harness.SmallProducts))
	p.Land(t, "orders/first.json", []byte(harness.Version("o-1", 1, 1, "10.00", "pending")+harness.Order("o-4", 1, "P-1", "C-1", "-5.00")))
	p.AwaitFiles(t, 2)
	if err := p.Daily(t, time.Now).Make(t.Context(), civil.DateOf(time.Now().UTC()), nil); err != nil {
		t.Fatal(err)
	}
	file := p.MustQuery(t, "SELECT file_id FROM file_ledger WHERE landing_name = 'landing/orders/first.json'")[0][0].(string)
	for _, page := range append([]string{"/files/" + file, "/orders/o-1", "/products/P-1", "/as-of"}, paths()...) {
		for category, score := range scores(t, node, p.Dashboard+page, "mobile") {
			if score.Score != 1 {
				t.Errorf("%s: %s has %.2f: %q", page, category, score.Score, score.Faults)
			}
		}
	}
	for category, score := range scores(t, node, p.Dashboard+"/", "desktop") {
		if score.Score != 1 {
			t.Errorf("the overview on a desktop: %s has %.2f: %q", category, score.Score, score.Faults)
		}
	}
	poor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><title>Poor</title><meta name="viewport" content="width=device-width"><p>No description, no language</p><script>throw new Error("a fault")</script>`)
	}))
	defer poor.Close()
	for category, score := range scores(t, node, poor.URL, "mobile") {
		if score.Score == 1 {
			t.Errorf("a poor page has full marks in %s", category)
		}
	}
}

func paths() []string {
	var all []string
	for _, page := range dashboardPages {
		all = append(all, page.path)
	}
	return all
}

type score struct {
	Score  float64
	Faults []string // the audits that were not passed
}

// scores are the scores of a page, by category.
func scores(t *testing.T, node, url, form string) map[string]score {
	t.Helper()
	out := filepath.Join(t.TempDir(), "report.json")
	flags := []string{
		filepath.Join("lighthouse", "node_modules", "lighthouse", "cli", "index.js"), url, "--quiet", "--output=json", "--output-path=" + out,
		"--only-categories=accessibility,best-practices,seo", "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking --disable-component-update",
	}
	if form == "desktop" {
		flags = append(flags, "--preset=desktop")
	}
	command := exec.CommandContext(t.Context(), node, flags...)
	command.Env = append(os.Environ(), "CHROME_PATH="+findChromium(t))
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", url, err, said)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Categories map[string]struct {
			Score float64 `json:"score"`
			Refs  []struct {
				ID     string  `json:"id"`
				Weight float64 `json:"weight"`
			} `json:"auditRefs"`
		} `json:"categories"`
		Audits map[string]struct {
			Score *float64 `json:"score"`
			Title string   `json:"title"`
		} `json:"audits"`
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Categories) != 3 {
		t.Fatalf("%s: %d categories", url, len(report.Categories))
	}
	all := make(map[string]score)
	for name, category := range report.Categories {
		of := score{Score: category.Score}
		for _, ref := range category.Refs {
			if audit := report.Audits[ref.ID]; ref.Weight > 0 && audit.Score != nil && *audit.Score < 1 {
				of.Faults = append(of.Faults, audit.Title)
			}
		}
		all[name] = of
	}
	return all
}
