package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// question is a named statement of the sql module and what its rows mean.
type question struct {
	check, statement string
	needs            []string // besides BigQuery
	params           warehouse.Params
	judge            func(rows []map[string]bigquery.Value, asked, answered time.Time)
}

func (e *examiner) warehouse(ctx context.Context) {
	now := e.opts.Now()
	e.timeZone(ctx)
	for _, q := range []question{
		{check: "clock", statement: "doctor/clock", judge: e.judgeClock},
		{check: "fence", statement: "doctor/fence", needs: []string{"table pipeline_fence"}, judge: e.judgeFence},
		{check: "days", statement: "doctor/calendar", needs: []string{"table agg_hourly_metrics"}, judge: e.judgeCalendar},
		{check: "ledger balance", statement: "verify/ledger_balance", needs: []string{"table file_ledger"}, judge: e.judgeBalance},
		{
			check: "dead letters", statement: "doctor/dead_letters", needs: []string{"table dead_letters", "table dead_letter_fates", "view v_dead_letters"}, judge: e.judgeLetters,
			params: warehouse.Params{"from_date": civil.DateOf(now.Add(-e.opts.Letters).UTC())},
		},
		{
			check: "notifications arrive", statement: "doctor/claims", needs: []string{"table file_ledger"}, judge: e.judgeClaims,
			params: warehouse.Params{"from_time": now.Add(-24 * time.Hour)},
		},
		{
			check: "daily reports", statement: "reports/read_newest_complete", needs: []string{"table report_runs"}, judge: e.judgeReports,
			params: warehouse.Params{"from_date": e.zone.Date(now).AddDays(-reportDays), "to_date": e.zone.Date(now)},
		},
	} {
		e.ask(ctx, q)
	}
	e.views(ctx)
}

func (e *examiner) ask(ctx context.Context, q question) {
	if !e.needs(q.check, append([]string{apiBigQuery, "dataset " + e.cfg.Dataset}, q.needs...)...) {
		return
	}
	asked := e.opts.Now()
	rows, err := warehouse.All[map[string]bigquery.Value](ctx, e.statements(), q.statement, q.params)
	if err != nil {
		e.add(q.check, Fail, err.Error(), "See the error: the statement is sql/"+q.statement+".sql.")
		return
	}
	q.judge(rows, asked, e.opts.Now())
}

// statements runs those of the sql module.
func (e *examiner) statements() *warehouse.Client {
	return &warehouse.Client{BigQuery: e.bigquery, Dataset: e.cfg.Dataset, Service: topology.Operator, Task: "doctor"}
}

// Skews of the clock. Ages of files compare Cloud Storage's clock with a service's;
// credentials are refused from five minutes on.
const (
	skewWarn = 10 * time.Second
	skewFail = 2 * time.Minute
)

func (e *examiner) judgeClock(rows []map[string]bigquery.Value, asked, answered time.Time) {
	server, ok := rows[0]["server_time"].(time.Time)
	if !ok {
		e.add("clock", Fail, "BigQuery tells no time", "")
		return
	}
	// The server's time was taken between the two readings of ours.
	skew := max(asked.Sub(server), server.Sub(answered), 0)
	status, remedy := OK, ""
	if skew > skewWarn {
		status, remedy = Warn, "Set this machine's clock (NTP), and look at those of the nodes."
	}
	if skew > skewFail {
		status = Fail
	}
	e.add("clock", status, "this machine's differs by "+skew.Round(time.Millisecond).String()+" at least", remedy)
}

func (e *examiner) judgeFence(rows []map[string]bigquery.Value, _, _ time.Time) {
	switch n := rows[0]["fences"]; n {
	case int64(1):
		e.ok("fence", "one row")
	case int64(0):
		e.add("fence", Fail, "pipeline_fence has no row, so that no file can be loaded", remedyProvision)
	default:
		e.add("fence", Fail, fmt.Sprintf("pipeline_fence has %v rows", n), "Stop the aggregator, delete all rows but that of the highest epoch, start it again.")
	}
}

func (e *examiner) judgeBalance(rows []map[string]bigquery.Value, _, _ time.Time) {
	if len(rows) == 0 {
		e.ok("ledger balance", "every file's records are accounted for")
		return
	}
	e.add("ledger balance", Fail, fmt.Sprintf("the records of %s do not add up, such as %v", plural.Of(len(rows), "file"), rows[0]["detail"]),
		"Run pipelinectl verify, then reprocess the files. It is a defect: report it.")
}

func (e *examiner) judgeLetters(rows []map[string]bigquery.Value, _, _ time.Time) {
	for _, row := range rows {
		e.add("dead letters", Warn, fmt.Sprintf("%v: %v since %s", row["subscription"], row["letters"], e.opts.Now().Add(-e.opts.Letters).UTC().Format(time.DateOnly)),
			"Read their errors in v_dead_letters; after the fix run pipelinectl replay for the subscription, or discard.")
	}
	if len(rows) == 0 {
		e.ok("dead letters", "none")
	}
}

// sweepGrace is the watcher's default age from which a sweep takes a file that no
// notification has announced.
const sweepGrace = 30 * time.Second

func (e *examiner) judgeClaims(rows []map[string]bigquery.Value, _, _ time.Time) {
	const check = "notifications arrive"
	soonest, claimed := rows[0]["soonest_ms"].(int64)
	if !claimed {
		e.add(check, Skip, "no file landed in the last 24 hours; --canary lands one", "")
		return
	}
	detail := fmt.Sprintf("of %v files in 24 hours, the soonest was claimed after %s", rows[0]["files"], time.Duration(soonest)*time.Millisecond)
	if time.Duration(soonest)*time.Millisecond < sweepGrace {
		e.ok(check, detail)
		return
	}
	e.add(check, Warn, detail+": only sweeps find files",
		"Check that Cloud Storage's service agent may publish to landing-notifications (pipelinectl provision grants it), and that the watcher runs.")
}

// The daily reports: how far back they are looked for, and how old they may be. They are
// made soon after midnight of the day before, and another night must not pass.
const (
	reportDays = 366
	reportsAge = 30 * time.Hour
)

func (e *examiner) judgeReports(rows []map[string]bigquery.Value, _, answered time.Time) {
	const check = "daily reports"
	if len(rows) == 0 {
		e.add(check, Skip, "no day has all of its reports yet", "")
		return
	}
	through, _ := rows[0]["data_through"].(time.Time)
	age := answered.Sub(through).Round(time.Minute)
	detail := fmt.Sprintf("the newest are those of %v, whose day ended %s ago", rows[0]["report_date"], age)
	if age <= reportsAge {
		e.ok(check, detail)
		return
	}
	e.add(check, Fail, detail, "Look at the last run (kubectl -n order-pipeline logs -l app.kubernetes.io/name=daily-reports); reporter daily makes any date again.")
}

// views has each view's query checked, which costs nothing.
func (e *examiner) views(ctx context.Context) {
	const check = "views"
	if !e.needs(check, apiBigQuery, "dataset "+e.cfg.Dataset) {
		return
	}
	tables, err := schema.Tables()
	if err != nil {
		e.add(check, Fail, err.Error(), "")
		return
	}
	checked, faults := 0, 0
	for _, t := range tables {
		if t.ViewQuery == "" || e.broken["view "+t.Name] {
			continue
		}
		checked++
		if err := e.statements().Validate(ctx, sql.Statement{Name: t.Name, Text: t.WholeQuery()}); err != nil {
			faults++
			e.add(check, Fail, t.Name+" cannot be queried: "+strings.ReplaceAll(err.Error(), "\n", " "), remedyProvision)
		}
	}
	if faults == 0 {
		e.ok(check, fmt.Sprintf("%d can be queried", checked))
	}
}
