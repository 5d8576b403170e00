package reporting

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// assets is the page. Everything it needs is in here: it loads nothing from
// another host.
//
//go:embed assets
var assets embed.FS

// contentSecurityPolicy lets the page load only its own files and talk only to
// its own host. Nothing inline runs or styles; scripts set styles through the
// DOM, and nothing may be made into markup from text.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// secure adds the headers that every response of the reporter carries.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

// contentTypes are spelled out because a system's own table may lack or change
// one, and with nosniff a wrong type disables the file.
var contentTypes = map[string]string{
	"css": "text/css; charset=utf-8",
	"js":  "text/javascript; charset=utf-8",
	"svg": "image/svg+xml",
	"txt": "text/plain; charset=utf-8",
}

// page serves the dashboard's files.
type page struct {
	files fs.FS
	// version is derived from all files and part of their path, so that browsers
	// may keep them for ever.
	version string
	index   []byte
}

func newPage() (*page, error) {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, fmt.Errorf("open the page's files: %w", err)
	}
	p := &page{files: files}
	if p.version, err = hashFiles(files); err != nil {
		return nil, err
	}
	index, err := template.ParseFS(files, "index.html")
	if err != nil {
		return nil, fmt.Errorf("parse the page: %w", err)
	}
	var text bytes.Buffer
	if err := index.Execute(&text, map[string]string{"Assets": "/assets/" + p.version}); err != nil {
		return nil, fmt.Errorf("render the page: %w", err)
	}
	p.index = text.Bytes()
	return p, nil
}

func hashFiles(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s %d\n", path, len(data))
		sum.Write(data)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash the page's files: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

func (p *page) register(mux *http.ServeMux) {
	mux.Handle("GET /{$}", secure(http.HandlerFunc(p.serveIndex)))
	mux.Handle("GET /assets/{version}/{path...}", secure(http.HandlerFunc(p.serveAsset)))
}

func (p *page) serveIndex(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.index))
}

func (p *page) serveAsset(w http.ResponseWriter, r *http.Request) {
	path := r.PathValue("path")
	contentType, ok := contentTypes[path[strings.LastIndexByte(path, '.')+1:]]
	data, err := fs.ReadFile(p.files, path) // refuses whatever leaves the tree
	// A version that is not ours belongs to another release: its content is not
	// what we have, and must not be kept under that name.
	if !ok || err != nil || r.PathValue("version") != p.version {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}
