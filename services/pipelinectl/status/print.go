package status

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
)

// Row is one figure of a status, for a table of another program.
type Row struct {
	Section string `bigquery:"section"`
	Name    string `bigquery:"name"`
	Measure string `bigquery:"measure"`
	Value   string `bigquery:"value"`
}

// Rows lists all figures.
func (s *Status) Rows() []Row {
	var rows []Row
	add := func(section, name, measure string, value any) {
		rows = append(rows, Row{section, name, measure, fmt.Sprint(value)})
	}
	for _, stage := range s.Files {
		add("files", stage.Stage, "files", stage.Files)
		if stage.Oldest != nil {
			add("files", stage.Stage, "oldest_seconds", int64(s.At.Sub(*stage.Oldest).Seconds()))
		}
	}
	add("today", "loaded", "files", s.Today.LoadedFiles)
	add("today", "quarantined", "files", s.Today.QuarantinedFiles)
	add("today", "all", "records", s.Today.Records)
	add("today", "loaded", "records", s.Today.LoadedRecords)
	add("today", "rejected", "records", s.Today.RejectedRecords)
	add("today", "quality", "errors", s.Today.QualityErrors)
	add("last hour", "quality", "errors", s.Today.RecentErrors)
	add("last hour", "all", "records", s.Today.RecentRecords)
	if s.Today.P50.Valid {
		add("freshness", "last hour", "p50_ms", s.Today.P50.Int64)
		add("freshness", "last hour", "p99_ms", s.Today.P99.Int64)
	}
	for _, sub := range s.Subscriptions {
		add("subscriptions", sub.ID, "waiting", sub.Waiting)
		add("subscriptions", sub.ID, "oldest_seconds", sub.Oldest)
		add("subscriptions", sub.ID, "per_second", fmt.Sprintf("%.1f", sub.PerSecond))
	}
	for _, l := range s.DeadLetters {
		add("dead letters", l.Subscription, "letters", l.Letters)
	}
	if s.Reports != nil {
		add("reports", "newest", "date", s.Reports.Date)
	}
	for _, service := range s.Services {
		add("services", service.Name, "ready", service.Ready)
		add("services", service.Name, "version", service.Version)
	}
	for i, what := range s.Attention {
		add("attention", fmt.Sprint(i+1), "text", what)
	}
	return rows
}

// Print writes one screen for a person.
func (s *Status) Print(w io.Writer) error {
	tabs := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tabs, "FILES\ton their way\toldest\n")
	for _, stage := range s.Files {
		fmt.Fprintf(tabs, "%s\t%d\t%s\n", stage.Stage, stage.Files, s.since(stage.Oldest))
	}
	fmt.Fprintf(tabs, "\nTODAY\tfiles\trecords\n")
	fmt.Fprintf(tabs, "loaded\t%d\t%d of %d, %d refused\n", s.Today.LoadedFiles, s.Today.LoadedRecords, s.Today.Records, s.Today.RejectedRecords)
	fmt.Fprintf(tabs, "quarantined\t%d\n", s.Today.QuarantinedFiles)
	fmt.Fprintf(tabs, "quality errors\t%d\t%d in the last hour\n", s.Today.QualityErrors, s.Today.RecentErrors)
	fmt.Fprintf(tabs, "\nFRESHNESS\n")
	if s.Today.NewestLoad.Valid {
		fmt.Fprintf(tabs, "newest facts\t%s\n", s.since(&s.Today.NewestLoad.Timestamp))
	} else {
		fmt.Fprintf(tabs, "newest facts\tnone yet\n")
	}
	fmt.Fprintf(tabs, "landing to facts, last hour\t%s\n", lags(s.Today.RecentFiles, s.Today.P50, s.Today.P99))
	s.printSubscriptions(tabs)
	fmt.Fprintf(tabs, "\nDEAD LETTERS\topen\n")
	for _, l := range s.DeadLetters {
		fmt.Fprintf(tabs, "%s\t%d\n", l.Subscription, l.Letters)
	}
	if len(s.DeadLetters) == 0 {
		fmt.Fprintf(tabs, "none\n")
	}
	fmt.Fprintf(tabs, "\nREPORTS\n")
	if s.Reports == nil {
		fmt.Fprintf(tabs, "newest day\tnone yet\n")
	} else {
		fmt.Fprintf(tabs, "newest day\t%s\n", s.Reports.Date)
	}
	if len(s.Services) > 0 {
		fmt.Fprintf(tabs, "\nSERVICES\tstate\tversion\n")
	}
	for _, service := range s.Services {
		state := "ready"
		if !service.Ready {
			state = "not ready"
		}
		fmt.Fprintf(tabs, "%s\t%s\t%s\n", service.Name, state, service.Version)
	}
	if err := tabs.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n"+s.verdict()+"\n")
	return err
}

// noticed is how long a file may be on its way before the verdict speaks of it, though nobody need
// do anything yet: a file that is alone is loaded within TRANSACTION_INTERVAL and a little.
const noticed = 2 * time.Minute

// verdict is what all of it comes to, for a person.
func (s *Status) verdict() string {
	if len(s.Attention) > 0 {
		return "Look at\n  " + strings.Join(s.Attention, "\n  ")
	}
	for _, stage := range s.Files {
		if stage.Oldest != nil && s.At.Sub(*stage.Oldest) > noticed {
			return fmt.Sprintf("Nothing to do yet, but a file has been %s for %s. It is worth a look once it has been for %s.",
				stage.Stage, s.At.Sub(*stage.Oldest).Round(time.Second), patience(stage.Stage))
		}
	}
	if n := s.Today.QualityErrors; n > 0 {
		return fmt.Sprintf("Nothing to do yet, but the dashboard's page Quality has %s of today, %d of them of the last hour's %s. They are worth a look once an hour has more than %d, in more than %d of 100 records.",
			plural.Of(n, "quality error"), min(n, s.Today.RecentErrors), plural.Of(s.Today.RecentRecords, "record"), fewErrors, errorPercent)
	}
	return "All is well."
}

func (s *Status) printSubscriptions(w io.Writer) {
	if s.Unknown != "" {
		fmt.Fprintf(w, "\nSUBSCRIPTIONS\tnot known: %s\n", strings.Join(strings.Fields(s.Unknown), " "))
		return
	}
	fmt.Fprintf(w, "\nSUBSCRIPTIONS\twaiting\toldest\tmessages/s\n")
	for _, sub := range s.Subscriptions {
		oldest := "-"
		if sub.Waiting > 0 {
			oldest = (time.Duration(sub.Oldest) * time.Second).String()
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%.1f\n", sub.ID, sub.Waiting, oldest, sub.PerSecond)
	}
}

// since is how long ago a moment was.
func (s *Status) since(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return max(0, s.At.Sub(*at)).Round(time.Second).String() + " ago"
}

func lags(files int64, p50, p99 bigquery.NullInt64) string {
	if !p50.Valid {
		return "no files"
	}
	ms := func(n bigquery.NullInt64) time.Duration { return time.Duration(n.Int64) * time.Millisecond }
	return fmt.Sprintf("half within %s, 99 %% within %s (%d files)", ms(p50), ms(p99), files)
}
