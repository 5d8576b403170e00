package sql

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
	"github.com/zackkki/ecomm_datapipeline/sql/parts"
)

// TestStyle holds every file to the form that the package comment promises.
func TestStyle(t *testing.T) {
	t.Parallel()
	here := os.DirFS(".") // the schema's files too
	paths, err := fs.Glob(here, "*/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range paths {
		if strings.HasPrefix(file, "parts/") {
			continue // no statements: package parts
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			src, err := fs.ReadFile(here, file)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range styleFaults(string(src)) {
				t.Error(fault)
			}
		})
	}
}

// styleFaults says what is wrong with one file.
func styleFaults(src string) []string {
	var faults []string
	whole, err := parts.Include(src)
	if err != nil {
		return []string{err.Error()}
	}
	s, err := Parse("", whole)
	if err != nil {
		return []string{err.Error()}
	}
	text := s.Text
	if !strings.HasPrefix(text, "-- ") {
		faults = append(faults, "no header comment")
	}
	if !strings.HasSuffix(src, ";\n") {
		faults = append(faults, "does not end in a semicolon and one line break")
	}
	for _, line := range strings.Split(src, "\n") {
		if strings.TrimRight(line, " \t\r") != line || strings.Contains(line, "\t") {
			faults = append(faults, "tab or trailing blank: "+line)
		}
	}
	tokens, err := lexer.Tokenize(text)
	if err != nil {
		return append(faults, err.Error())
	}
	var used []string
	for i, token := range tokens {
		word := text[token.Pos:token.End]
		switch {
		case token.Kind == lexer.Parameter && word == "?":
			faults = append(faults, "a parameter without a name")
		case token.Kind == lexer.Parameter:
			used = append(used, word[1:])
		case token.Kind == lexer.String && i > 0 && tokens[i-1].Is("DATE"):
			faults = append(faults, "a DATE literal: InlineDates alone renders them: "+word)
		}
	}
	slices.Sort(used)
	if diff := cmp.Diff(declared(s), slices.Compact(used)); diff != "" {
		faults = append(faults, "parameters (-declared by -- @param +used):\n"+diff)
	}
	return faults
}

// declared returns the names of the "-- @param name TYPE" lines, sorted; one
// that stands twice stands twice.
func declared(s Statement) []string {
	var names []string
	for _, p := range s.Parameters {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

func TestStyleFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, src string
		faults    int
	}{
		{"good", "-- Why.\n-- @param a INT64\nSELECT @a, '%s {x}', @@project_id;\n", 0},
		{"no header", "SELECT 1;\n", 1},
		{"no semicolon", "-- Why.\nSELECT 1\n", 1},
		{"two statements", "-- Why.\nSELECT 1; SELECT 2;\n", 1},
		{"undeclared", "-- Why.\nSELECT @a;\n", 1},
		{"unused", "-- Why.\n-- @param a INT64\nSELECT 1;\n", 1},
		{"declared twice", "-- Why.\n-- @param a INT64\n-- @param a INT64\nSELECT @a;\n", 1},
		{"placeholder", "-- Why.\nSELECT %s;\n", 1},
		{"parameter without a name", "-- Why.\nSELECT ?;\n", 1},
		{"date literal", "-- Why.\nSELECT DATE '2026-01-01';\n", 1},
		{"no such part", "-- Why.\nSELECT 1\n-- @include nothing\n;\n", 1},
		{"trailing blank", "-- Why. \nSELECT 1;\n", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if faults := styleFaults(test.src); len(faults) != test.faults {
				t.Errorf("%d faults, want %d: %q", len(faults), test.faults, faults)
			}
		})
	}
}

// TestOneListOfSpellings: how orders spell countries and states stands in ref_places alone. A map that
// knew more spellings than the loader would show orders that have no region.
func TestOneListOfSpellings(t *testing.T) {
	t.Parallel()
	paths, err := fs.Glob(files, "*/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range paths {
		src, err := fs.ReadFile(files, file)
		if err != nil {
			t.Fatal(err)
		}
		if list := regexp.MustCompile(`(?i)'United States`).Find(src); list != nil && file != "seed/ref_places.sql" {
			t.Errorf("%s spells a country itself: ref_places knows the spellings", file)
		}
	}
}
