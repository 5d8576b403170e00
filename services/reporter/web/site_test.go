package web

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
)

func TestSite(t *testing.T) {
	t.Parallel()
	base, _ := serve(t)
	forbidden := regexp.MustCompile(`(?i)https?://|<style|\sstyle=|\son\w+=|<script(?:[^>]*)>[^<]`)
	if strings.Contains(contentSecurityPolicy, "unsafe") {
		t.Error("the policy allows something unsafe")
	}
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			path, want, current := strings.NewReplacer("{$}", "", "{file_id}", "f1", "{order_id}", "o-1").Replace(p.pattern), http.StatusOK, 1
			if p.name == missing {
				path, want, current = "/no/such/page", http.StatusNotFound, 0
			}
			status, header, text := get(t, base+path)
			if status != want || header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Fatalf("%d %q", status, header.Get("Content-Type"))
			}
			if got := header.Get("Content-Security-Policy"); got != contentSecurityPolicy {
				t.Errorf("policy %q", got)
			}
			if !strings.Contains(text, `<meta name="description" content="`+p.about+`">`) || p.about == "" {
				t.Error("the page has no description")
			}
			if found := forbidden.FindString(text); found != "" {
				t.Errorf("the page holds %q, which the policy forbids", found)
			}
			if n := strings.Count(text, `aria-current="page"`); n != current {
				t.Errorf("%d links of the navigation are current, want %d", n, current)
			}
			links := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(text, -1)
			if len(links) < 8 {
				t.Fatalf("only %d files in the page", len(links))
			}
			for _, link := range links {
				status, header, _ := get(t, base+link[1])
				if status != http.StatusOK || header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
					t.Errorf("%s: %d %q", link[1], status, header.Get("Cache-Control"))
				}
			}
		})
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	base, s := serve(t)
	imports := regexp.MustCompile(`(?m)^import .* from "\./([^"]+)"`)
	modules, err := fs.Glob(s.files, "*.js")
	if err != nil {
		t.Fatal(err)
	}
	used := make(map[string]bool)
	for _, p := range pages {
		used[p.name+".js"] = true
		// A page names all modules that it needs, so that browsers ask for them at once.
		for _, module := range modulesOf(t, s, p.name+".js") {
			if !strings.Contains(string(s.texts[p.name].Plain()), `<link rel="modulepreload" href="/assets/`+s.version+`/`+module+`">`) {
				t.Errorf("the page %s does not name %s", p.name, module)
			}
		}
	}
	for _, module := range modules {
		status, header, text := get(t, base+"/assets/"+s.version+"/"+module)
		if status != http.StatusOK || header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%s: %d %q", module, status, header.Get("Content-Type"))
		}
		for _, sink := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"} {
			if strings.Contains(text, sink) {
				t.Errorf("%s uses %s: data must go in as text", module, sink)
			}
		}
		for _, imported := range imports.FindAllStringSubmatch(text, -1) {
			used[imported[1]] = true
			if _, err := fs.Stat(s.files, imported[1]); err != nil {
				t.Errorf("%s imports %s: %v", module, imported[1], err)
			}
		}
	}
	for _, module := range modules {
		if !used[module] && module != "first.js" { // the layout loads it
			t.Errorf("no page loads %s", module)
		}
	}
	for _, path := range []string{"/assets/0000/overview.js", "/assets/" + s.version + "/layout.html", "/assets/" + s.version + "/..%2fsite.go", "/assets/" + s.version + "/nothing.js", "/nothing"} {
		if status, _, _ := get(t, base+path); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, status)
		}
	}
}

// modulesOf are the modules that a script imports, and those that they import.
func modulesOf(t *testing.T, s *Site, script string) []string {
	t.Helper()
	text, err := fs.ReadFile(s.files, script)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, found := range regexp.MustCompile(`from "\./([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		all = append(append(all, found[1]), modulesOf(t, s, found[1])...)
	}
	return all
}

// serve serves the pages as the reporter does.
func serve(t *testing.T) (base string, s *Site) {
	t.Helper()
	host, err := service.Start("reporter", "127.0.0.1:0", slog.New(slog.DiscardHandler), telemetry.Tracing{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	if s, err = New(calendar.UTC); err != nil {
		t.Fatal(err)
	}
	s.Register(host.Runtime().HTTP)
	return "http://" + host.Addr(), s
}

func get(t *testing.T, url string) (status int, header http.Header, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}
