package verify

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

func TestScan(t *testing.T) {
	t.Parallel()
	var (
		word, empty   string
		known, absent text
		n             int64
		at            time.Time
		date          civil.Date
		amount        reference.Amount
		stated, not   reference.Stated
		none, blank   string
	)
	when := time.Date(2026, 11, 1, 10, 0, 0, 0, time.FixedZone("", 3600))
	err := scan([]bigquery.Value{"a", nil, "", nil, int64(7), when, civil.Date{Year: 2026, Month: 11, Day: 1}, big.NewRat(1999, 100),
		new(big.Rat), nil, nil, ""},
		&word, &empty, &known, &absent, &n, &at, &date, &amount, &stated, &not, maybe(&none), maybe(&blank))
	if err != nil {
		t.Fatal(err)
	}
	got := []any{word, empty, known.known, absent.known, n, at, midnight(date), amount, stated, not, none, blank}
	want := []any{"a", "", true, false, int64(7), when.UTC(), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), reference.Amount(19_990_000_000),
		reference.Stated{Is: true}, reference.Stated{}, "", "(an empty text)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if err := scan([]bigquery.Value{"a"}, &n); err == nil {
		t.Error("a text was read as a number")
	}
	if err := scan([]bigquery.Value{"a", "b"}, &word); err == nil {
		t.Error("a row with a column too many was read")
	}
}

func TestAmountOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reference.Amount{"0": 0, "-0.01": -10_000_000, "1/1000000000": 1, "4000000000": 4_000_000_000_000_000_000} {
		r, _ := new(big.Rat).SetString(text)
		if got, ok := amountOf(r); !ok || got != want {
			t.Errorf("amountOf(%s) = %d, %v; want %d", text, got, ok, want)
		}
	}
	for _, bad := range []bigquery.Value{1.5, "1", big.NewRat(1, 3), big.NewRat(1, 10_000_000_000), new(big.Rat).SetInt64(1 << 60)} {
		if got, ok := amountOf(bad); ok {
			t.Errorf("amountOf(%v) = %d, want a refusal", bad, got)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	var found findings
	found.begin("rows_equal_model")
	want := map[string]int{"same": 1, "other": 2, "lacking": 3, "twice": 4}
	for _, row := range []struct {
		key string
		n   int
	}{{"same", 1}, {"other", 5}, {"surplus", 6}, {"twice", 4}, {"twice", 4}} {
		compare(&found, want, row.key, row.n)
	}
	missing(&found, want)
	found.end()
	wanted := []Violation{
		{"rows_equal_model", "other: stored 5, want 2"},
		{"rows_equal_model", "surplus: stored, but not wanted or stored twice: 6"},
		{"rows_equal_model", "twice: stored, but not wanted or stored twice: 4"},
		{"rows_equal_model", "lacking: missing: 3"},
	}
	if diff := cmp.Diff(wanted, found.list); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	var found findings
	for _, invariant := range []string{"a", "b"} {
		found.begin(invariant)
		for i := range maxExamples + 5 {
			found.add("row %d", i)
		}
	}
	found.end()
	if len(found.list) != 2*(maxExamples+1) {
		t.Fatalf("%d violations listed", len(found.list))
	}
	for i, invariant := range []string{"a", "b"} {
		last := found.list[(i+1)*(maxExamples+1)-1]
		if want := (Violation{invariant, fmt.Sprintf("%d violations in all", maxExamples+5)}); last != want {
			t.Errorf("the last one is %v, want %v", last, want)
		}
	}
}
