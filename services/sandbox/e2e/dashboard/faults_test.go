package dashboard

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestFaultsOfARecord lands a record that is wrong in three places, and finds each of them by itself in the
// warehouse and on the file's page.
func TestFaultsOfARecord(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	good := harness.Order("good", 1, "P-1", "C-1", "10.00")
	bad := strings.NewReplacer(`"bad"`, "1001", `"2026-11-01T11:00:00Z"`, `"11/02/2026"`, "10.00}", `"10,00"}`).Replace(harness.Order("bad", 1, "P-1", "C-1", "10.00"))
	p.Land(t, "orders/a.json", []byte(good+bad+strings.Replace(good, "good", "better", 1)))
	p.AwaitFiles(t, 1)
	id := p.FileID(t, "orders/a.json")

	record := p.Ask(t, "files/"+id+"/records/1", "rows")
	if len(record) != 1 || record[0]["fault_count"] != 3.0 {
		t.Fatalf("record %v", record)
	}
	var faults []struct {
		Rule      string `json:"rule"`
		FieldPath string `json:"field_path"`
		Message   string `json:"message"`
	}
	text, _ := record[0]["faults"].(string)
	if err := json.Unmarshal([]byte(text), &faults); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range faults {
		got = append(got, f.Rule+" "+f.FieldPath+": "+f.Message)
	}
	want := []string{
		"wrong_type order_id: expected a string, not 1001; write it in quotes, or read the file by a source, which takes numbers as texts",
		`invalid_timestamp order_timestamp: the time is not ISO 8601: "11/02/2026"; day and month may be either way round: write it as 2026-11-01T11:21:44Z, or read the file by a source that says the order (times: layout)`,
		`wrong_type items[0].unit_price: expected a number, not "10,00"; write it without quotes, or read the file by a source, which takes numbers out of texts`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}

	b := openBrowser(t, p.Dashboard)
	b.open(t, "/files/"+id+"?record=1#record")
	rows := eval[[]string](t, b, `[...document.querySelectorAll("#record tbody tr")].map((r) => r.cells[0].textContent + ": " + r.cells[2].textContent)`)
	for i, f := range faults {
		if len(rows) != len(faults) || rows[i] != f.FieldPath+": "+f.Message {
			t.Errorf("the page shows %q for %s", rows, f.FieldPath)
		}
	}
}
