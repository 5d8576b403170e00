package reference

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestFileVerdicts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		file File
		want Outcome
	}{
		{"unknown kind", landed("f", "invoices/a.json", 0, 0, orderA), Outcome{Kind: "unknown", Reason: "unknown_kind"}},
		{"no folder", landed("f", "a.json", 0, 0, orderA), Outcome{Kind: "unknown", Reason: "unknown_kind"}},
		{"empty", landed("f", "orders/a.json", 0, 0), Outcome{Kind: "orders", Findings: map[string]int64{"empty_file": 1}}},
		{"header alone", landed("f", "products/a.csv", 0, 0, productHeader), Outcome{Kind: "products", Findings: map[string]int64{"empty_file": 1}}},
		{"binary", landed("f", "orders/a.json", 0, 0, "\x00\x01\x02\xff\xfe"), Outcome{Kind: "orders", Reason: "unreadable_file"}},
		{"broken gzip", landed("f", "orders/a.gz", 0, 0, "\x1f\x8b and no more"), Outcome{Kind: "orders", Reason: "unreadable_file"}},
		{"wrong header", landed("f", "products/a.csv", 0, 0, customerHeader, "a,b,c,d,e"), Outcome{Kind: "products", Reason: "header_mismatch"}},
		{
			"mostly refused", landed("f", "orders/a.json", 0, 0, "{", "{", orderA),
			Outcome{Kind: "orders", Reason: "mostly_refused", Records: 3, Rejected: 2, Held: 1, LeftOut: "2-2 held", Refused: map[string]int64{"malformed_json": 2}},
		},
		{
			"mostly refused by bytes", landed("f", "orders/a.json", 0, 0, strings.Repeat("x", 3*len(orderA)), orderA, orderB),
			Outcome{Kind: "orders", Reason: "mostly_refused", Records: 3, Rejected: 1, Held: 2, LeftOut: "1-2 held", Refused: map[string]int64{"malformed_json": 1}},
		},
		{
			"the rest counts as one", landed("f", "orders/a.json", 0, 0, append(slices.Repeat([]string{"x"}, 10_000), orderA, "x", "x")...),
			Outcome{Kind: "orders", Reason: "mostly_refused", Records: 10_001, Rejected: 10_001, Refused: map[string]int64{"malformed_json": 10_000, "rest_refused": 1}},
		},
		{
			"one record per line of an order", landed("f", "orders/a.json", 0, 0, orderA, strings.Replace(orderA, "20.25", "20.5", 1)),
			Outcome{Kind: "orders", Reason: "contradicting_records", Records: 2, Held: 2, LeftOut: "0-1 held", Findings: map[string]int64{"duplicate_order_conflict": 1}},
		},
		{
			"cut off inside a record", landed("f", "orders/a.gz", 0, 0, unfinished(t, orderA+"\n"+orderB[:40])),
			Outcome{Kind: "orders", Reason: "truncated_gzip", Records: 2, Rejected: 1, Held: 1, LeftOut: "0-0 held", Refused: map[string]int64{"malformed_json": 1}},
		},
		{
			"cut off between records", landed("f", "orders/a.gz", 0, 0, unfinished(t, orderA+"\n")),
			Outcome{Kind: "orders", Reason: "truncated_gzip", Records: 1, Held: 1, LeftOut: "0-0 held"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := compute(t, tt.file)
			tt.want.Verdict = "loaded"
			if tt.want.Reason != "" {
				tt.want.Verdict = "quarantined"
				conflicts := tt.want.Findings["duplicate_order_conflict"]
				tt.want.Findings = map[string]int64{tt.want.Reason: 1}
				if conflicts > 0 {
					tt.want.Findings["duplicate_order_conflict"], tt.want.Findings["duplicate_order_replay"] = conflicts, 0
				}
			}
			for rule, n := range tt.want.Refused {
				tt.want.Findings[rule] = n
			}
			equal(t, "outcome", tt.want, w.Files["f"])
			if len(w.Facts) > 0 {
				t.Error("a quarantined file left facts")
			}
		})
	}
}

// unfinished is a gzip stream that lacks its end, without the line break that
// landed appends.
func unfinished(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestArrayAndBeyond(t *testing.T) {
	t.Parallel()
	w := compute(t, landed("o", "orders/o.json", 0, 0, " [", orderA, ",", orderB, "]"))
	if o := w.Files["o"]; o.Loaded != 2 {
		t.Errorf("outcome %+v, want two orders loaded", o)
	}
	for name, f := range map[string]File{
		"broken array": landed("o", "orders/o.json", 0, 0, "[", orderA, orderB, "]"),
		"large amount": landed("o", "orders/o.json", 0, 0, strings.Replace(orderA, "20.25", "20000000000", 1)),
		"open quote":   landed("o", "products/o.csv", 0, 0, productHeader, `P1,"Chair,Home,1,1`),
	} {
		if _, err := Compute([]File{f}, Policy{}); !errors.Is(err, ErrBeyond) {
			t.Errorf("%s: error %v, want ErrBeyond", name, err)
		}
	}
}

func TestAcceptRefused(t *testing.T) {
	t.Parallel()
	first := landed("f", "orders/a.json", 0, 0, orderA, "{", "{")
	second := landed("f", "orders/a.json", 0, 10, orderA, "{", "{")
	second.AcceptRefused = true
	for want, files := range map[string][]File{quarantined: {first}, loaded: {first, second}} {
		equal(t, "verdict", want, compute(t, files...).Files["f"].Verdict)
	}
}
