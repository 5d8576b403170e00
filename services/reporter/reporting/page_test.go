package reporting

import (
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, &canned{})
	status, header, index := get(t, base+"/")
	if status != http.StatusOK || header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("index: %d %q", status, header.Get("Content-Type"))
	}
	if got := header.Get("Content-Security-Policy"); got != contentSecurityPolicy {
		t.Errorf("policy %q", got)
	}
	if strings.Contains(contentSecurityPolicy, "unsafe") {
		t.Error("the policy allows something unsafe")
	}
	if found := regexp.MustCompile(`(?i)https?://|<style|\sstyle=|\son\w+=|<script(?:[^>]*)>[^<]`).FindString(index); found != "" {
		t.Errorf("the page holds %q, which the policy forbids", found)
	}
	links := regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(index, -1)
	if len(links) < 6 {
		t.Fatalf("only %d links in the page", len(links))
	}
	for _, link := range links {
		status, header, _ := get(t, base+link[1])
		if status != http.StatusOK || header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d %q", link[1], status, header.Get("Cache-Control"))
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, &canned{})
	p, err := newPage()
	if err != nil {
		t.Fatal(err)
	}
	imports := regexp.MustCompile(`(?m)^import .* from "\./([^"]+)"`)
	modules, err := fs.Glob(p.files, "*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range modules {
		status, header, text := get(t, base+"/assets/"+p.version+"/"+module)
		if status != http.StatusOK || header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%s: %d %q", module, status, header.Get("Content-Type"))
		}
		for _, sink := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"} {
			if strings.Contains(text, sink) {
				t.Errorf("%s uses %s: data must go in as text", module, sink)
			}
		}
		for _, imported := range imports.FindAllStringSubmatch(text, -1) {
			if _, err := fs.Stat(p.files, imported[1]); err != nil {
				t.Errorf("%s imports %s: %v", module, imported[1], err)
			}
		}
	}
	for _, path := range []string{"/assets/0000/app.js", "/assets/" + p.version + "/index.html", "/assets/" + p.version + "/..%2fpage.go", "/assets/" + p.version + "/nothing.js", "/nothing"} {
		if status, _, _ := get(t, base+path); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, status)
		}
	}
}
