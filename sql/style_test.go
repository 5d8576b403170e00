package sql

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var parameterLine = regexp.MustCompile(`(?m)^-- @param ([a-z][a-z0-9_]*) ([A-Z].*)$`)

// TestStyle holds every file to the form that the package comment promises.
func TestStyle(t *testing.T) {
	t.Parallel()
	paths, err := fs.Glob(files, "*/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range paths {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			src, err := fs.ReadFile(files, file)
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
	text, err := single(src)
	if err != nil {
		return []string{err.Error()}
	}
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
	tokens, err := lex(text)
	if err != nil {
		return append(faults, err.Error())
	}
	var used []string
	for i, token := range tokens {
		word := token.text(text)
		switch {
		case token.kind == tokenParameter && !strings.HasPrefix(word, "@@"):
			used = append(used, word[1:])
		case token.kind == tokenPunct && strings.ContainsAny(word, "%${}?\\"):
			faults = append(faults, "a placeholder for text: values come as @parameters: "+word)
		case token.kind == tokenString && i > 0 && tokens[i-1].is(text, "DATE"):
			faults = append(faults, "a DATE literal: InlineDates alone renders them: "+word)
		}
	}
	slices.Sort(used)
	if diff := cmp.Diff(declared(text), slices.Compact(used)); diff != "" {
		faults = append(faults, "parameters (-declared by -- @param +used):\n"+diff)
	}
	return faults
}

// declared returns the names of the "-- @param name TYPE" lines, sorted; one
// that stands twice stands twice.
func declared(text string) []string {
	var names []string
	for _, match := range parameterLine.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
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
		{"date literal", "-- Why.\nSELECT DATE '2026-01-01';\n", 1},
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

// TestOneListOfSpellings holds the statements to one list of what orders call the
// United States: a map that knew more of them than the loader would show orders that
// have no region.
func TestOneListOfSpellings(t *testing.T) {
	t.Parallel()
	paths, err := fs.Glob(files, "*/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	lists := make(map[string][]string)
	for _, file := range paths {
		src, err := fs.ReadFile(files, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range regexp.MustCompile(`IN \([^()]*'UNITED STATES'[^()]*\)`).FindAllString(string(src), -1) {
			lists[list] = append(lists[list], file)
		}
	}
	want := map[string][]string{
		"IN ('US', 'USA', 'UNITED STATES', 'UNITED STATES OF AMERICA')": {"dashboard/geography.sql", "transform/080_loaded_orders.sql"},
	}
	if diff := cmp.Diff(want, lists); diff != "" {
		t.Errorf("lists and where they stand (-want +got):\n%s", diff)
	}
}
