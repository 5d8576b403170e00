package faults

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
)

func TestParse(t *testing.T) {
	t.Parallel()
	text := `
		seed 7
		pubsub.*  fail unavailable first 2; storage.objects.rewrite lost internal rate 0.25
		bigquery.jobs.query delay 1.5s
		bigquery.AppendRows drop rate 0.1
		pubsub.messages.* twice;
		bigquery.jobs.insert fail jobInternalError first 1
		bigquery.jobs.* lost somethingNew/403
		bigquery.job.* end tableUnavailable commit first 3
		bigquery.job.aggregator.* end quotaExceeded/400 middle
		storage.objects.getMedia fail permission_denied on bad*.json first 3
	`
	got, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{seed: 7, rules: []rule{
		{text: "pubsub.* fail unavailable first 2", methods: "pubsub.*", effect: fail, failure: failure{code: codes.Unavailable}, first: 2, rate: 1},
		{text: "storage.objects.rewrite lost internal rate 0.25", methods: "storage.objects.rewrite", effect: lost, failure: failure{code: codes.Internal}, rate: 0.25},
		{text: "bigquery.jobs.query delay 1.5s", methods: "bigquery.jobs.query", effect: delay, delay: 1500 * time.Millisecond, rate: 1},
		{text: "bigquery.AppendRows drop rate 0.1", methods: "bigquery.AppendRows", effect: drop, rate: 0.1},
		{text: "pubsub.messages.* twice", methods: "pubsub.messages.*", effect: twice, rate: 1},
		{text: "bigquery.jobs.insert fail jobInternalError first 1", methods: "bigquery.jobs.insert", effect: fail, failure: failure{codes.InvalidArgument, "jobInternalError", 400}, first: 1, rate: 1},
		{text: "bigquery.jobs.* lost somethingNew/403", methods: "bigquery.jobs.*", effect: lost, failure: failure{codes.PermissionDenied, "somethingNew", 403}, rate: 1},
		{text: "bigquery.job.* end tableUnavailable commit first 3", methods: "bigquery.job.*", effect: end, failure: failure{codes.InvalidArgument, "tableUnavailable", 400}, point: Commit, first: 3, rate: 1},
		{text: "bigquery.job.aggregator.* end quotaExceeded/400 middle", methods: "bigquery.job.aggregator.*", effect: end, failure: failure{codes.InvalidArgument, "quotaExceeded", 400}, point: Middle, rate: 1},
		{text: "storage.objects.getMedia fail permission_denied on bad*.json first 3", methods: "storage.objects.getMedia", effect: fail, failure: failure{code: codes.PermissionDenied}, on: "bad*.json", first: 3, rate: 1},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Plan{}, rule{}, failure{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"no effect", "pubsub.*", `rule "pubsub.*": want: <methods> <effect> ...`},
		{"unknown effect", "pubsub.* explode", `rule "pubsub.* explode": no effect is named "explode"`},
		{"no code", "pubsub.* fail", `rule "pubsub.* fail": fail wants an argument`},
		{"unknown code", "pubsub.* fail teapot", `rule "pubsub.* fail teapot": no error code is named "teapot", and no reason of BigQuery's`},
		{"a code of success", "pubsub.* fail ok", `rule "pubsub.* fail ok": no error code is named "ok", and no reason of BigQuery's`},
		{"no point", "bigquery.job.* end timeout", `rule "bigquery.job.* end timeout": end wants a reason and a point`},
		{"unknown point", "bigquery.job.* end timeout dusk", `rule "bigquery.job.* end timeout dusk": no point of a job is named "dusk"; there are ["begin" "middle" "commit" "after"]`},
		{"unknown reason", "bigquery.job.* end broken begin", `rule "bigquery.job.* end broken begin": no reason of BigQuery's is named "broken"; another needs a status: broken/400`},
		{"no reason", "bigquery.job.* end a/200 begin", `rule "bigquery.job.* end a/200 begin": "a/200" is no reason, such as jobInternalError or somethingNew/400`},
		{"too slow", "* delay 2h", `rule "* delay 2h": a delay must be positive and at most 1h0m0s`},
		{"back in time", "* delay -1s", `rule "* delay -1s": a delay must be positive and at most 1h0m0s`},
		{"a rate beyond 1", "* drop rate 2", `rule "* drop rate 2": a rate is between 0 and 1`},
		{"not a rate", "* drop rate NaN", `rule "* drop rate NaN": a rate is between 0 and 1`},
		{"the first none", "* drop first 0", `rule "* drop first 0": first wants a positive number`},
		{"words left over", "* drop first 1 2", `rule "* drop first 1 2": want on <name>, first <n> or rate <p>, not "first 1 2"`},
		{"on nothing", "* drop on", `rule "* drop on": want on <name>, first <n> or rate <p>, not "on"`},
		{"on a bad pattern", "* drop on [", `rule "* drop on [": syntax error in pattern`},
		{"a bad pattern", "[ drop", `rule "[ drop": syntax error in pattern`},
		{"every fault at once", "a b; c d", "rule \"a b\": no effect is named \"b\"\nrule \"c d\": no effect is named \"d\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(c.text)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// pattern shows which of n calls are struck.
func pattern(i *Injector, method string, n int) string {
	var b strings.Builder
	for range n {
		if i.strike(method, fail).effect == fail {
			b.WriteByte('x')
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func injector(t *testing.T, plan string) *Injector {
	t.Helper()
	p, err := Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	i := new(Injector)
	i.Set(p)
	return i
}

func TestStrikes(t *testing.T) {
	t.Parallel()
	i := injector(t, "a.* fail aborted first 2")
	if got := pattern(i, "a.x", 4) + pattern(i, "a.y", 3) + pattern(i, "b.x", 2); got != "xx.."+"xx."+".." {
		t.Errorf("the first two calls of each method: %s", got)
	}
	const dice = "seed 3; a.* fail aborted rate 0.2"
	alone := pattern(injector(t, dice), "a.x", 1000)
	if n := strings.Count(alone, "x"); n < 150 || n > 250 {
		t.Errorf("%d of 1000 struck at a rate of 0.2", n)
	}
	mixed := injector(t, dice)
	var got strings.Builder
	for range 1000 {
		got.WriteString(pattern(mixed, "a.x", 1))
		pattern(mixed, "a.y", 3)
	}
	if diff := cmp.Diff(alone, got.String()); diff != "" {
		t.Errorf("other methods' calls changed the dice (-alone +mixed):\n%s", diff)
	}
	if pattern(injector(t, "seed 4; a.* fail aborted rate 0.2"), "a.x", 1000) == alone {
		t.Error("another seed throws the same dice")
	}
	i.Set(Plan{})
	if got := pattern(i, "a.z", 2); got != ".." {
		t.Errorf("after the end of the plan: %s", got)
	}
}

// TestJobs names jobs by their labels, and has only those struck that come to the point.
func TestJobs(t *testing.T) {
	t.Parallel()
	i := injector(t, `
		bigquery.job.aggregator.* end jobBackendError commit first 1
		bigquery.job.unlabelled end timeout begin first 1
		bigquery.job.reporter* delay 2s
	`)
	aggregator := map[string]string{"statement": "transaction", "task": "loading", "service": "aggregator"}
	for _, c := range []struct {
		name   string
		labels map[string]string
		has    []Point
		want   Ending
	}{
		{"not to the point", aggregator, []Point{Begin, Middle, After}, Ending{}},
		{"the first", aggregator, []Point{Begin, Commit}, Ending{At: Commit, Reason: "jobBackendError", Status: 400, Message: "Injected fault: end of bigquery.job.aggregator.loading.transaction, commit."}},
		{"the second", aggregator, []Point{Begin, Commit}, Ending{}},
		{"without labels", nil, []Point{Begin}, Ending{At: Begin, Reason: "timeout", Status: 400, Message: "Injected fault: end of bigquery.job.unlabelled, begin."}},
		{"late", map[string]string{"service": "reporter"}, []Point{Begin}, Ending{Delay: 2 * time.Second}},
	} {
		if diff := cmp.Diff(c.want, i.Job(c.labels, c.has...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
