// Package web is the dashboard: its pages, their scripts and styles, and the headers
// that protect whoever opens them. It knows no figures; the pages ask the API for those.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/packed"
)

// assets are the pages. Everything they need is in here: they load nothing from
// another host.
//
//go:embed assets
var assets embed.FS

// contentSecurityPolicy lets the pages load only their own files and talk only to
// their own host. Nothing inline runs or styles; scripts set styles through the
// DOM, and nothing may be made into markup from text.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// contentTypes are spelled out because a system's own table may lack or change
// one, and with nosniff a wrong type disables the file.
var contentTypes = map[string]string{
	"css":   "text/css; charset=utf-8",
	"js":    "text/javascript; charset=utf-8",
	"svg":   "image/svg+xml",
	"woff2": "font/woff2",
}

// page is one page of the dashboard: assets/pages/<name>.html and assets/<name>.js.
type page struct {
	pattern string // of http.ServeMux
	name    string
	title   string
	about   string // what the page shows, for those who have only its description
	icon    string // of the navigation, a path on 20 by 20; "": not in it
	charts  bool   // draws with uPlot
	under   string // path of the page that the navigation is at; "": its own, or the one that it is below
}

// missing is the page for addresses that lead nowhere.
const missing = "missing"

var pages = []page{
	{pattern: "/{$}", name: "overview", about: "Orders, revenue and customers of the shop: over time, by category, product, tier and place, live.", title: "Overview", charts: true, icon: "M3 17V9m4.7 8V4m4.6 13v-6m4.7 6V7"},
	{pattern: "/as-of", name: "as-of", about: "What was known at an earlier moment, what is known now, and the orders that make the difference.", title: "As of", under: "/"},
	{pattern: "/customers", name: "customers", about: "Who bought for the first time, who came back, month by month, and what became of the orders.", title: "Customers", charts: true, icon: "M10 10a3.3 3.3 0 1 0 0-6.6a3.3 3.3 0 0 0 0 6.6M3.5 17c.6-3.4 3.2-4.9 6.5-4.9s5.9 1.5 6.5 4.9"},
	{pattern: "/files", name: "files", about: "Every file that landed: its verdict, its records and how long it took.", title: "Files", icon: "M5 2.5h6.5L16 7v10.5H5zM11.5 2.5V7H16M8 11h5m-5 3h5"},
	{pattern: "/files/{file_id}", name: "file", about: "What became of one file: its stages, its findings and its refused records.", title: "File"},
	{pattern: "/orders/{order_id}", name: "order", about: "One order from its file to the figures that it is in.", title: "Order", under: "/quality"},
	{pattern: "/products/{product_id}", name: "product", about: "One product: its sales by day, its orders and its stock.", title: "Product", charts: true, under: "/"},
	{pattern: "/customers/{customer_id}", name: "customer", about: "One customer: all orders, and whether the churn report worries.", title: "Customer"},
	{pattern: "/quality", name: "quality", about: "Which rules of data quality are broken, how often and since when.", title: "Quality", charts: true, icon: "M10 2.5l6.5 2.4v4.6c0 3.9-2.7 6.6-6.5 8-3.8-1.4-6.5-4.1-6.5-8V4.9zM7 9.8l2.2 2.2 4-4.2"},
	{pattern: "/profile", name: "profile", about: "What each column of the orders and the catalogs holds, and what is unusual in it.", title: "Profile", icon: "M3 4.5h14M3 8.2h9M3 11.8h11.5M3 15.5h6"},
	{pattern: "/dead-letters", name: "dead-letters", about: "Messages that no service could process, and how to send them again.", title: "Dead letters", icon: "M2.5 5h15v10.5h-15zM2.5 5.5l7.5 6 7.5-6"},
	{pattern: "/reports", name: "reports", about: "How yesterday was, what runs out, who may be gone, and the daily reports.", title: "Morning", icon: "M4 2.5h12v15H4zM7 13.5v-3m3 3V7m3 6.5v-5"},
	// Any method, because http.ServeMux takes no two patterns where one has the wider
	// path and the other the more methods; serveMissing refuses what does not read.
	{pattern: "/", name: missing, title: "No such page", about: "The pages of the order pipeline."},
	{pattern: "/system", name: "system", about: "What passes each stage of the pipeline, how long it takes, and how the services are.", title: "System", charts: true, icon: "M2 10.5h4l2-6 3.5 11 2.2-5H18"},
}

// Site serves the pages and their files. It may be used concurrently.
type Site struct {
	files fs.FS
	// version is derived from all files and part of their path, so that browsers
	// may keep them for ever.
	version string
	texts   map[string]*packed.Body // of the pages, by name
	assets  map[string]*packed.Body // their files, by path
	zone    calendar.Zone           // the shop's
}

// New renders the pages for a shop whose clock is in the zone.
func New(zone calendar.Zone) (*Site, error) {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, fmt.Errorf("open the pages' files: %w", err)
	}
	s := &Site{files: files, zone: zone, texts: make(map[string]*packed.Body, len(pages)), assets: make(map[string]*packed.Body)}
	if err := s.load(); err != nil {
		return nil, err
	}
	for _, p := range pages {
		text, err := s.render(p)
		if err != nil {
			return nil, err
		}
		s.texts[p.name] = packed.New(text)
	}
	return s, nil
}

// frame is what the layout shows around a page.
type frame struct {
	Name, Title, About, Assets, Script string
	Modules                            []string // that the script imports, so that none waits for another
	Zone                               string   // the shop's time zone
	Charts                             bool
	Nav                                []navLink
}

type navLink struct {
	Path, Title, Icon string
	Current           bool
}

// block is a panel or a tile of a page.
type block struct{ ID, Span, Title, Hint string }

// render makes a page's text, which is the same for everyone: the figures come
// from the API.
func (s *Site) render(p page) ([]byte, error) {
	layout, err := template.New("").Funcs(template.FuncMap{
		"panel": func(id, span, title, hint string) block { return block{id, span, title, hint} },
		"tile":  func(id, title string) block { return block{ID: id, Title: title} },
	}).ParseFS(s.files, "layout.html", "pages/"+p.name+".html")
	if err != nil {
		return nil, fmt.Errorf("parse the page %s: %w", p.name, err)
	}
	f := frame{Zone: s.zone.String(), Name: p.name, Title: p.title, About: p.about, Assets: "/assets/" + s.version, Script: p.name + ".js", Charts: p.charts}
	for _, other := range pages {
		if other.icon == "" {
			continue
		}
		path := strings.TrimSuffix(other.pattern, "{$}")
		f.Nav = append(f.Nav, navLink{
			Path: path, Title: other.title, Icon: other.icon,
			Current: other.name == p.name || p.under == path || path != "/" && strings.HasPrefix(p.pattern, path+"/"),
		})
	}
	if f.Modules, err = s.imports(f.Script); err != nil {
		return nil, fmt.Errorf("find the modules of the page %s: %w", p.name, err)
	}
	var text bytes.Buffer
	if err := layout.ExecuteTemplate(&text, "layout", f); err != nil {
		return nil, fmt.Errorf("render the page %s: %w", p.name, err)
	}
	return text.Bytes(), nil
}

// imported is the module that a line of a module imports.
var imported = regexp.MustCompile(`(?m)^import .* from "\./([^"]+)"`)

// imports are the modules that a script needs, directly or not, each once.
func (s *Site) imports(script string) ([]string, error) {
	var all []string
	for next := []string{script}; len(next) > 0; next = next[1:] {
		text, err := fs.ReadFile(s.files, next[0])
		if err != nil {
			return nil, err
		}
		for _, match := range imported.FindAllSubmatch(text, -1) {
			if module := string(match[1]); !slices.Contains(all, module) && module != script {
				all = append(all, module)
				next = append(next, module)
			}
		}
	}
	return all, nil
}

// load reads the files that browsers ask for, and derives the version from all there are.
func (s *Site) load() error {
	sum := sha256.New()
	err := fs.WalkDir(s.files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(s.files, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", path, len(data))
		sum.Write(data)
		if _, ok := contentTypes[extension(path)]; ok {
			s.assets[path] = packed.New(data)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the pages' files: %w", err)
	}
	s.version = hex.EncodeToString(sum.Sum(nil)[:8])
	return nil
}

func extension(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// Version is the part of the files' paths that changes with their content.
func (s *Site) Version() string { return s.version }

// Register adds the pages and their files to the routes of an HTTP server.
func (s *Site) Register(routes *service.Routes) {
	for _, p := range pages {
		if p.name == missing {
			routes.HandleFunc(p.pattern, s.serveMissing)
			continue
		}
		routes.HandleFunc("GET "+p.pattern, func(w http.ResponseWriter, r *http.Request) {
			pageHeaders(w.Header(), "no-cache")
			s.texts[p.name].Serve(w, r)
		})
	}
	routes.HandleFunc("GET /assets/{version}/{path...}", s.serveAsset)
}

func pageHeaders(header http.Header, kept string) {
	header.Set("Content-Security-Policy", contentSecurityPolicy)
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", kept)
}

func (s *Site) serveMissing(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the pages are only read", http.StatusMethodNotAllowed)
		return
	}
	pageHeaders(w.Header(), "no-store")
	text := s.texts[missing].Choose(w, r)
	w.WriteHeader(http.StatusNotFound)
	if r.Method == http.MethodGet {
		_, _ = w.Write(text) // fails only when the client has gone
	}
}

func (s *Site) serveAsset(w http.ResponseWriter, r *http.Request) {
	path := r.PathValue("path")
	data, ok := s.assets[path]
	// A version that is not ours belongs to another release: its content is not
	// what we have, and must not be kept under that name.
	if !ok || r.PathValue("version") != s.version {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentTypes[extension(path)])
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	data.Serve(w, r)
}
