// Package pages reads the project's pages, the files in Markdown, as far as its tests
// need it: what links a page has, and what may be linked to in it.
package pages

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Link is a link of a page, as it is written.
type Link struct {
	Line   int
	Target string
}

// Page is one file in Markdown.
type Page struct {
	Path    string // from the root, with slashes
	Links   []Link
	Anchors map[string]bool // of its headings, as GitHub makes them
}

// All reads every page below root but what is fetched or made there.
func All(root string) ([]Page, error) {
	var all []Page
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != root && (name == "node_modules" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		page := Read(string(text))
		page.Path = filepath.ToSlash(relative)
		all = append(all, page)
		return nil
	})
	return all, err
}

var (
	// A link or picture: [text](target). Reference links are not used here.
	inline = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	// What the pages have in HTML.
	attribute = regexp.MustCompile(`\b(?:src|srcset|href)="([^"]+)"`)
	heading   = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	code      = regexp.MustCompile("`[^`]*`")
	linked    = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// Read reads a page. Links and headings in code are none.
func Read(text string) Page {
	page := Page{Anchors: make(map[string]bool)}
	times := make(map[string]int)
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if fenced {
			continue
		}
		if m := heading.FindStringSubmatch(line); m != nil {
			anchor := Anchor(m[1])
			if n := times[anchor]; n > 0 {
				page.Anchors[anchor+"-"+strconv.Itoa(n)] = true
			} else {
				page.Anchors[anchor] = true
			}
			times[anchor]++
		}
		// Code becomes a letter, so that [`code`](target) stays a link.
		plain := code.ReplaceAllString(line, "x")
		for _, pattern := range []*regexp.Regexp{inline, attribute} {
			for _, m := range pattern.FindAllStringSubmatch(plain, -1) {
				page.Links = append(page.Links, Link{Line: i + 1, Target: m[1]})
			}
		}
	}
	return page
}

// Anchor is the anchor that GitHub gives a heading: small letters, digits, "-" and "_";
// spaces become "-", all else goes.
func Anchor(title string) string {
	title = linked.ReplaceAllString(title, "$1")
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}
