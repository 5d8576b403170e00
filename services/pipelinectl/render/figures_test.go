package render

import (
	"strings"
	"testing"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	document := struct {
		Orders  int            `json:"orders"`
		Seconds float64        `json:"seconds"`
		Outages []any          `json:"outages"`
		None    []string       `json:"none"`
		Of      map[string]int `json:"of"`
		Unknown *int           `json:"unknown"`
	}{200_000, 1.5, []any{map[string]any{"of": "a, b", "well": true}}, nil, map[string]int{"b": 2, "a": 1}, nil}
	rows, err := Figures(document)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if _, err := Write(&out, CSV, rows); err != nil {
		t.Fatal(err)
	}
	const want = "figure,value\norders,200000\nseconds,1.5\noutages.0.of,\"a, b\"\noutages.0.well,true\nnone,\nof.a,1\nof.b,2\nunknown,\n"
	if out.String() != want {
		t.Errorf("figures\n%s, want\n%s", out.String(), want)
	}
}
