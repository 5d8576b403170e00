package check

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
)

// Print writes the report for a person. The error is that of the writer.
func (r *Report) Print(out io.Writer) error {
	w := &writer{out: out}
	by := "native records"
	if r.Source != "native" {
		by = "source " + r.Source
	}
	w.line("%s: %s, read as %s; it belongs into %s", r.File, r.Kind, by, r.Landing)
	if r.Verdict == "loaded" {
		w.line("would be loaded: %s", r.counts())
	} else {
		w.line("would NOT be loaded (%s): %s", r.Reason, r.Detail)
		if r.Remedy != "" {
			w.line("  what to do: %s", r.Remedy)
		}
		if r.Records > 0 {
			w.line("read so far: %s", r.counts())
		}
	}
	if r.Verdict == "loaded" && r.Reason != "" {
		w.line("noted: %s", r.Detail)
	}
	if r.Totals != nil && r.Totals.Orders > 0 {
		r.Totals.print(w)
	}
	for _, record := range r.Details {
		w.line("\nrecord %d, at byte %d, refused:", record.Record, record.Offset)
		for _, f := range record.Faults {
			where := f.Path
			if where == "" {
				where = "the record"
			}
			w.line("  %s: %s (%s)", where, f.Message, f.Rule)
		}
		if record.More > 0 {
			w.line("  and %d more", record.More)
		}
	}
	w.table("\nall faults by rule and place:", r.Faults)
	w.table("\nloaded, and noted:", r.Notes)
	return w.err
}

func (r *Report) counts() string {
	text := fmt.Sprintf("%d of %s", r.Accepted, plural.Of(r.Records, "record"))
	if r.Refused > 0 {
		text += fmt.Sprintf(", %d refused", r.Refused)
	}
	if r.LeftOut > 0 {
		text += fmt.Sprintf("; %d more are left out, as the source says", r.LeftOut)
	}
	return text
}

func (t *Totals) print(w *writer) {
	days := t.FirstDay
	if t.LastDay != t.FirstDay {
		days += " to " + t.LastDay
	}
	w.line("\n%s with %s, %s", plural.Of(t.Orders, "order"), plural.Of(t.Lines, "line"), days)
	w.line("  gross %s, refunds %s, net %s, tax %s, shipping %s (%s)", t.Gross, t.Refunds, t.Net, t.Tax, t.Shipping, t.Currency)
	var parts []string
	for _, s := range t.ByStatus {
		parts = append(parts, fmt.Sprintf("%s %d (%s)", s.Status, s.Orders, s.Gross))
	}
	w.line("  by status: %s", strings.Join(parts, ", "))
	if t.Guests > 0 {
		w.line("  orders of guests: %d", t.Guests)
	}
	if t.Repeated > 0 {
		w.line("  orders whose id came before in the file: %d (the later version counts, or DUPLICATE_POLICY decides)", t.Repeated)
	}
}

// writer keeps the first error.
type writer struct {
	out io.Writer
	err error
}

func (w *writer) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format+"\n", args...)
	}
}

func (w *writer) table(title string, list []Count) {
	if len(list) == 0 || w.err != nil {
		return
	}
	w.line("%s", title)
	tabs := tabwriter.NewWriter(w.out, 0, 4, 2, ' ', 0)
	for _, c := range list {
		path := c.Path
		if path == "" {
			path = "-"
		}
		fmt.Fprintf(tabs, "  %d\t%s\t%s\n", c.Number, c.Rule, path)
	}
	if err := tabs.Flush(); w.err == nil {
		w.err = err
	}
}
