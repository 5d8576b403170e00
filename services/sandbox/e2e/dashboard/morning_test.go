package dashboard

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// readsTheMorning makes the reports of yesterday and reads them on the page as the API has them, which the tests of
// the reports hold against the model.
func readsTheMorning(t *testing.T, p *harness.Pipeline, b *browser) {
	yesterday := civil.DateOf(time.Now().UTC()).AddDays(-1)
	if err := p.Daily(t, time.Now).Make(t.Context(), yesterday, nil); err != nil {
		t.Fatal(err)
	}
	days := p.Ask(t, "morning", "days")
	b.open(t, "/reports?report=data-quality")
	b.until(t, "the audit", `document.querySelector("#preview-title").textContent === "Data quality audit" && document.querySelectorAll("#preview tbody tr").length > 20`)
	want := fmt.Sprintf("%.0f", days[0]["orders"])
	if got := eval[string](t, b, figure("orders")); strings.ReplaceAll(got, ",", "") != want {
		t.Errorf("%q orders, want %s", got, want)
	}
	if got := b.text(t, "#health"); !strings.Contains(got, " checks") {
		t.Errorf("of the data's health the page says %q", got)
	}
	b.until(t, "nothing noted", `document.querySelector("#noted").textContent === "No annotations and no goals of this day."`)
	for _, command := range [][]string{
		{"annotations", "add", "--on", yesterday.String(), "Late <b>parcels</b>"},
		{"goals", "set", "--from", yesterday.String(), "orders", want},
		{"goals", "set", "--from", yesterday.String(), "revenue", "99999999.99"},
	} {
		if out, err := p.Pipelinectl(t, command...); err != nil {
			t.Fatal(out, err)
		}
	}
	b.open(t, "/reports?report=data-quality")
	b.until(t, "the notes", `document.querySelector("#noted").textContent.startsWith("Late <b>parcels</b> · Revenue goal, $99,999,999.99: missed by $")`)
	if got := b.text(t, "#noted"); !strings.HasSuffix(got, "reached") {
		t.Errorf("of the goals the page says %q", got)
	}
	for panel, part := range map[string]string{"weekdays": "days", "stock-outs": "stock_outs", "customers": "customers"} {
		want := len(p.Ask(t, "morning", part))
		if got := eval[int](t, b, fmt.Sprintf("document.querySelectorAll('#%s tbody tr').length", panel)); got != want {
			t.Errorf("%d rows of %s, want %d", got, panel, want)
		}
	}
	// By keyboard: up, down, and as the report has it.
	column := func() []string {
		return eval[[]string](t, b, `[...document.querySelectorAll("#preview tbody tr")].map((r) => r.cells[3].textContent)`)
	}
	before := column()
	eval[bool](t, b, `(document.querySelector('#preview [data-column="subject"]').focus(), true)`)
	for _, want := range []string{"ascending", "descending", ""} {
		b.do(t, chromedp.KeyEvent(kb.Enter))
		if got := eval[string](t, b, `document.activeElement.dataset.column + " " + (document.activeElement.closest("th").ariaSort ?? "")`); got != "subject "+want {
			t.Errorf("the focus is at %q, want the subject, %s", got, want)
		}
		texts := slices.DeleteFunc(column(), func(v string) bool { return v == "–" })
		sorted := eval[[]string](t, b, fmt.Sprintf("JSON.parse(%s).toSorted((a, b) => a.localeCompare(b))", quote(t, jsonOf(t, texts))))
		if want == "descending" {
			slices.Reverse(sorted)
		}
		switch {
		case want == "" && !slices.Equal(column(), before):
			t.Error("the report's own order does not come back")
		case want != "" && !slices.Equal(texts, sorted):
			t.Errorf("sorted %s the column is %q", want, texts)
		}
	}
	b.do(t, chromedp.Click(`.report-tabs a[href*="report=inventory-alerts"]`))
	b.until(t, "another report", `new URLSearchParams(location.search).get("report") === "inventory-alerts" && document.querySelector("#preview-title").textContent === "Inventory alerts"`)
	if got := eval[string](t, b, `document.activeElement.id + " " + document.querySelector(".report-tabs .button").getAttribute("href")`); got != fmt.Sprintf("preview /reports/%s/inventory-alerts.csv", yesterday) {
		t.Errorf("focus and CSV are at %q", got)
	}
	b.settle(t, "the other report")
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
