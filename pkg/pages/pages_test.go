package pages_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/pages"
)

const root = "../.."

// TestLinks: every relative link of every page leads to a file or folder that is there,
// and to a heading that it has.
func TestLinks(t *testing.T) {
	t.Parallel()
	all, err := pages.All(root)
	if err != nil {
		t.Fatal(err)
	}
	anchors := make(map[string]map[string]bool)
	links := 0
	for _, page := range all {
		anchors[page.Path] = page.Anchors
		links += len(page.Links)
	}
	if len(all) < 10 || links < 50 {
		t.Fatalf("read %d pages with %d links", len(all), links)
	}
	for _, page := range all {
		for _, link := range page.Links {
			if strings.Contains(link.Target, "://") || strings.HasPrefix(link.Target, "mailto:") {
				continue
			}
			file, anchor, _ := strings.Cut(link.Target, "#")
			target := page.Path
			if file != "" {
				target = path.Join(path.Dir(page.Path), file)
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
				t.Errorf("%s:%d: %s leads nowhere", page.Path, link.Line, link.Target)
			} else if anchor != "" && path.Ext(target) == ".md" && !anchors[target][anchor] {
				t.Errorf("%s:%d: %s: %s has no such heading", page.Path, link.Line, link.Target, target)
			}
		}
	}
}

// TestAnswers: the files that the README gives as answers to what people look for still hold them.
func TestAnswers(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "| question | answer |")
	table, _, _ = strings.Cut(table, "\n\n")
	for file, word := range map[string]string{
		"services/parser/decode/amounts.go":                   "amount_mismatch",
		"pkg/topology/topology.go":                            "OrdersValidated",
		"pkg/warehouse/failure.go":                            "func Permanent(",
		"services/aggregator/loading/errors.go":               "warehouse.Permanent(",
		"sql/parts/hour_figures.sql":                          "AS total_revenue",
		"sql/transform/122_insert_hours.sql":                  "agg_hourly_metrics",
		"monitoring/objectives.md":                            "pipeline_files_latency_seconds",
		"pkg/identity/identity.go":                            "func FileID(",
		"pkg/topology/bucket.go":                              "func ArchiveName(",
		"services/reporter/web/assets/overview.js":            "top-products",
		"sql/dashboard/top_products.sql":                      "-- @include ranked_products",
		"services/sandbox/bigqueryfront/dialect/functions.go": `"TIMESTAMP_TRUNC"`,
		"services/sandbox/bigqueryfront/dialect/times.go":     "func timestampTrunc(",
		"k8s/base/parser.yaml":                                "limits: {cpu: 2, memory:",
	} {
		if !strings.Contains(table, "("+file+")") {
			t.Errorf("README.md's answers do not name %s", file)
		}
		if text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file))); err != nil {
			t.Error(err)
		} else if !strings.Contains(string(text), word) {
			t.Errorf("%s no longer has %q: answer from where it is now", file, word)
		}
	}
}

// TestReadmeIsShort: what grows has a room of its own.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const most = 300
	if lines := strings.Count(string(text), "\n"); lines > most {
		t.Errorf("README.md has %d lines, more than %d: move details beside what they tell of, and link to them", lines, most)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	got := pages.Read("# What it is\n\n```sh\n# no heading [no](link)\n```\n[`a`](b.md#c) `[no](link)` <img src=\"d.png\">\n" +
		"## Upgrade, with messages in flight\n## Again\n## Again\n## `pkg/x` and [y](z)\n")
	want := pages.Page{
		Links: []pages.Link{{6, "b.md#c"}, {6, "d.png"}, {10, "z"}},
		Anchors: map[string]bool{"what-it-is": true, "upgrade-with-messages-in-flight": true, "again": true, "again-1": true,
			"pkgx-and-y": true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
