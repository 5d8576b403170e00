package dashboard

import (
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// checkPages reads a ranked list two rows at a time: the pages together are the whole list,
// and the totals of each are those of the whole list.
func checkPages(t *testing.T, p *harness.Pipeline, path string, want []harness.JsonRow) {
	t.Helper()
	if len(want) < 3 {
		t.Fatalf("%s: %d rows: the test tests nothing", path, len(want))
	}
	var rows []harness.JsonRow
	for token := "start"; token != ""; {
		page := path + "&limit=2"
		if token != "start" {
			page += "&page_token=" + token
		}
		var answer struct {
			Rows, Totals  []harness.JsonRow
			NextPageToken string `json:"next_page_token"`
		}
		p.AskInto(t, page, &answer)
		if len(answer.Totals) != 1 {
			t.Fatalf("%s: totals %v", page, answer.Totals)
		}
		checkTotals(t, page, answer.Totals[0], want)
		rows, token = append(rows, answer.Rows...), answer.NextPageToken
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("pages of %s (-want +got):\n%s", path, diff)
	}
}

// checkTotals compares each total with the sum over the whole list.
func checkTotals(t *testing.T, path string, totals harness.JsonRow, list []harness.JsonRow) {
	t.Helper()
	if totals["entries"] != float64(len(list)) {
		t.Errorf("%s: %v entries, want %d", path, totals["entries"], len(list))
	}
	for name, got := range totals {
		switch got := got.(type) {
		case string:
			sum := new(big.Rat)
			for _, r := range list {
				amount, ok := new(big.Rat).SetString(r[name].(string))
				if !ok {
					t.Fatalf("%s: %s is %v", path, name, r[name])
				}
				sum.Add(sum, amount)
			}
			if amount, ok := new(big.Rat).SetString(got); !ok || amount.Cmp(sum) != 0 {
				t.Errorf("%s: %s is %s in all, want %s", path, name, got, sum.FloatString(9))
			}
		case float64:
			if name == "entries" {
				continue
			}
			sum := 0.0
			for _, r := range list {
				sum += r[name].(float64)
			}
			if got != sum {
				t.Errorf("%s: %v %s in all, want %v", path, got, name, sum)
			}
		default:
			t.Errorf("%s: %s is %v", path, name, got)
		}
	}
}
