package reporting

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/web"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query/querytest"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/reports"
)

// guarding are the headers that protect whoever reads a response, and those that say
// what it is.
var guarding = []string{
	"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
	"Cross-Origin-Resource-Policy", "Permissions-Policy", "Cache-Control",
}

// wildcards give the values of patterns' wildcards; each list is a request of its own.
// A route with a wildcard of another name fails the test until it stands here.
var wildcards = []map[string]string{
	{"file_id": "f1", "order_id": "o-1", "product_id": "p-1", "customer_id": "c-1", "record_index": "1", "report": "churn-risk", "date": "2026-11-22", "file": "index.html", "path": "overview.js"},
	{"file_id": "%00", "order_id": "%00", "product_id": "%00", "customer_id": "%00", "record_index": "x", "report": "weather", "date": "2026-11-22", "file": "churn-risk.csv", "path": "style.css"},
	{"file_id": "f2", "order_id": "o-2", "product_id": "p-2", "customer_id": "c-2", "record_index": "1", "report": "data-quality", "date": "yesterday", "file": "none", "path": "none.js"},
}

// TestEveryResponseIsGuarded asks each route for every kind of answer that HTTP has: a
// new route is covered by standing in the table of routes.
func TestEveryResponseIsGuarded(t *testing.T) {
	t.Parallel()
	files := objects{"reports/2026-11-22/index.html": "<!DOCTYPE html>page", "reports/2026-11-22/churn-risk.csv": "report_date\r\n"}
	site, err := web.New(calendar.UTC)
	if err != nil {
		t.Fatal(err)
	}
	source := daysOfReports(t, 3)
	source.Results["dashboard/summary"] = querytest.Rows([]string{"orders"}, []any{int64(1)})
	seen := map[int]bool{}
	for name, in := range map[string]struct {
		source query.Source
		files  reports.Files
	}{"answers": {source, files}, "fails": {&querytest.Canned{}, failing{}}} {
		host, _ := hostWith(t, in.source, in.files)
		host.Runtime().Ready("mended", func() error { return nil })
		for _, path := range pathsOf(t, host.Runtime().HTTP.Patterns(), site.Version()) {
			kinds := map[string][2]http.Header{} // of the request and of the response
			for kind, asked := range map[string]struct {
				method, path string
				header       http.Header
			}{
				"GET":                   {"GET", path, nil},
				"HEAD":                  {"HEAD", path, nil},
				"POST":                  {"POST", path, nil},
				"a parameter":           {"GET", path + "?no_such=parameter", nil},
				"a part":                {"GET", path, http.Header{"Range": {"bytes=0-3"}}},
				"a part beyond the end": {"GET", path, http.Header{"Range": {"bytes=99999999-"}}},
				"a path to be cleaned":  {"GET", "/." + path, nil},
				"nothing there":         {"GET", path + "/no/such/thing", nil},
			} {
				status, header := ask(t, asked.method, "http://"+host.Addr()+asked.path, asked.header)
				seen[status] = true
				kinds[kind] = [2]http.Header{asked.header, header}
				if faults := unguarded(asked.path, status, header); len(faults) > 0 {
					t.Errorf("%s: %s of %s, %d: %s", name, kind, asked.path, status, faults)
				}
			}
			// Whoever has it, and asks again, keeps what protects it.
			whole := kinds["GET"][1]
			etag := whole.Get("ETag")
			if etag == "" {
				continue
			}
			status, header := ask(t, "GET", "http://"+host.Addr()+path, http.Header{"If-None-Match": {etag}})
			seen[status] = true
			if status != http.StatusNotModified {
				t.Errorf("%s again: %d", path, status)
			}
			for _, name := range guarding {
				if diff := cmp.Diff(whole[name], header[name]); diff != "" {
					t.Errorf("%s: %s of the first and of the second visit (-first +second):\n%s", path, name, diff)
				}
			}
		}
	}
	got := slices.Sorted(maps.Keys(seen))
	if diff := cmp.Diff([]int{200, 206, 304, 307, 400, 404, 405, 416, 503}, got); diff != "" {
		t.Errorf("kinds of answers (-want +got):\n%s", diff)
	}
}

// pathsOf fills the patterns' wildcards in every way.
func pathsOf(t *testing.T, patterns []string, version string) []string {
	t.Helper()
	wildcard := regexp.MustCompile(`\{([^}$.]+)(\.\.\.)?\}`)
	paths := map[string]bool{}
	for _, pattern := range patterns {
		path := pattern[strings.IndexByte(pattern, '/'):]
		for _, values := range wildcards {
			paths[strings.ReplaceAll(wildcard.ReplaceAllStringFunc(path, func(part string) string {
				name := wildcard.FindStringSubmatch(part)[1]
				if name == "version" {
					return version
				}
				value, known := values[name]
				if !known {
					t.Errorf("%s: no value to ask with for {%s}", pattern, name)
				}
				return value
			}), "{$}", "")] = true
		}
	}
	if len(paths) < 30 {
		t.Errorf("only %d paths", len(paths))
	}
	return slices.Sorted(maps.Keys(paths))
}

// ask reads the head of a response; a stream's body would not end.
func ask(t *testing.T, method, url string, header http.Header) (int, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(request.Header, header)
	response, err := http.DefaultTransport.RoundTrip(request) // follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode, response.Header
}

// unguarded says what a response lacks.
func unguarded(path string, status int, header http.Header) []string {
	var faults []string
	for _, name := range guarding {
		if header.Get(name) == "" && (name != "Cache-Control" || status != http.StatusRequestedRangeNotSatisfiable) {
			faults = append(faults, "no "+name)
		}
	}
	policy := header.Get("Content-Security-Policy")
	for _, word := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, word) {
			faults = append(faults, "policy without "+word)
		}
	}
	// Markup of ours runs our scripts at most; of a report, which holds strangers'
	// names, none; nothing else is markup.
	isMarkup := strings.HasPrefix(header.Get("Content-Type"), "text/html") && status < 300
	switch {
	case !isMarkup && status < 400 && status != http.StatusNotModified && policy != service.Policy:
		faults = append(faults, "policy "+policy)
	case isMarkup && strings.HasPrefix(path, "/reports/") && !strings.Contains(policy, "sandbox"):
		faults = append(faults, "a report outside of a sandbox")
	}
	if status >= 400 && status != http.StatusRequestedRangeNotSatisfiable && header.Get("Cache-Control") != "no-store" {
		faults = append(faults, "a fault that may be kept: "+header.Get("Cache-Control"))
	}
	if strings.Contains(header.Get("Cache-Control"), "public") && !strings.HasPrefix(path, "/assets/") {
		faults = append(faults, "figures that a proxy may keep")
	}
	return faults
}
