package trace

import (
	"fmt"
	"io"
	"math/big"
	"text/tabwriter"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

func amount(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return render.Text(r)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Step is one station of an order's way, for a table of another program.
type Step struct {
	Version int                    `bigquery:"version"` // from 1; 0: not of one version
	Station string                 `bigquery:"station"`
	What    string                 `bigquery:"what"`
	At      bigquery.NullTimestamp `bigquery:"at"`
}

// Steps lists the stations in the order of the flow.
func (t *Trace) Steps() []Step {
	var steps []Step
	add := func(version int, station string, at *time.Time, format string, args ...any) {
		step := Step{Version: version, Station: station, What: fmt.Sprintf(format, args...)}
		if at != nil {
			step.At = bigquery.NullTimestamp{Timestamp: at.UTC(), Valid: true}
		}
		steps = append(steps, step)
	}
	for i, v := range t.Versions {
		n := i + 1
		if f := v.File; f != nil {
			add(n, "landed", &f.LandedAt, "%s", f.LandingName)
			add(n, "record", nil, "%d of %s", v.RecordIndex, f.Object)
			if b := v.Bytes; b != nil {
				add(n, "bytes", nil, "line %d, %d bytes from %d", b.Line, b.Length, b.Offset)
			}
			add(n, "claimed", f.ClaimedAt, "file %s, revision %d", v.FileID, f.Revision)
			add(n, "parsed", f.ParsedAt, "%s", f.Verdict)
		}
		if s := v.Staging; s != nil {
			add(n, "staging", nil, "staging_orders: %s, record %d", s.ParseID, s.RecordIndex)
		}
		if f := v.File; f != nil && f.Transaction != nil {
			add(n, "transaction", &f.LoadedAt, "%d, job %s", *f.Transaction, f.Job)
		}
		add(n, v.Outcome, known(v.ValidTo), "content %s", v.ContentHash)
	}
	for _, l := range t.Lines {
		add(0, "fact", &l.LoadedAt, "fact_orders: line %d, %s of %s, %s", l.Number, l.LineTotalText, l.TotalText, l.Status)
	}
	for _, c := range t.Cells {
		add(0, "figure", known(c.UpdatedAt), "%s: %s, %s, %s", c.Place, c.Key, plural.Of(c.Orders, "order"), c.RevenueText)
	}
	if t.Dashboard != "" {
		add(0, "dashboard", nil, "%s", t.Dashboard)
	}
	for _, f := range t.Findings {
		add(0, "finding", &f.At, "%s %s: %s", f.Severity, f.Rule, f.Description)
	}
	return steps
}

// Print writes the way of an order for a person.
func (t *Trace) Print(w io.Writer) error {
	tabs := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tabs, "order\t%s\n", t.OrderID)
	version := -1
	for _, s := range t.Steps() {
		if s.Version != version {
			version = s.Version
			if version > 0 {
				fmt.Fprintf(tabs, "\nversion %d of %d\t%s\n", version, len(t.Versions), t.Versions[version-1].Outcome)
			} else {
				fmt.Fprintf(tabs, "\nin the warehouse\n")
			}
		}
		at := ""
		if s.At.Valid {
			at = stamp(s.At.Timestamp)
		}
		fmt.Fprintf(tabs, "  %s\t%s\t%s\n", s.Station, at, s.What)
	}
	return tabs.Flush()
}
