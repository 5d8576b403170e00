package access

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/iam/apiv1/iampb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	warehousev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/warehouse/v1"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

var target = Target{
	Cloud:  cloud.Config{ProjectID: "shop-1", Location: "us-central1", Dataset: "ecommerce_data", Bucket: "shop-bucket"},
	Number: "42", Namespace: "shop",
}

func mustNeeds(t *testing.T) []Need {
	t.Helper()
	needs, err := Needs()
	if err != nil {
		t.Fatal(err)
	}
	return needs
}

// who lists the services with the verb on the resource, sorted.
func who(needs []Need, kind Kind, name string, verb Verb) []string {
	var services []string
	for _, n := range needs {
		if n.Kind == kind && n.Name == name && slices.Contains(n.Verbs, verb) {
			services = append(services, n.Service)
		}
	}
	slices.Sort(services)
	return services
}

func sorted(list ...string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// Publishers publish on the topics that topology gives them and their own dead
// letters, subscribers consume their own subscriptions, and nothing else.
func TestMessagingFollowsTopology(t *testing.T) {
	t.Parallel()
	needs, counted := mustNeeds(t), 0
	expect := func(kind Kind, name string, verb Verb, want ...string) {
		t.Helper()
		counted += len(want)
		if got := who(needs, kind, name, verb); !slices.Equal(got, sorted(want...)) {
			t.Errorf("%s %s: %q may %s, want %q", kind, name, got, verb, want)
		}
	}
	for _, topic := range topology.Topics() {
		// The operator replays what a subscription has given up.
		publishers := sorted(append(topic.Publishers, topology.Operator)...)
		expect(Topic, topic.Name, Publish, slices.Compact(publishers)...)
		for _, service := range topic.Subscribers {
			id := topology.Subscription(topic.Name, service)
			expect(Subscription, id, Consume, service)
			expect(Topic, topology.DeadLetterTopic(id), Publish, service)
			expect(Subscription, topology.DeadLetterSubscription(id), Consume, topology.Writer, topology.Operator) // dlq --live
		}
	}
	all := 0
	for _, n := range needs {
		if n.Kind == Topic || n.Kind == Subscription {
			all++
		}
	}
	if all != counted {
		t.Errorf("%d needs of topics and subscriptions, but topology knows %d of them", all, counted)
	}
}

// The writer streams exactly to the tables that have a row message, and nobody
// changes one of them by DML, which BigQuery refuses for what was just streamed.
func TestStreamedTables(t *testing.T) {
	t.Parallel()
	needs := mustNeeds(t)
	messages := warehousev1.File_ecommerce_warehouse_v1_rows_proto.Messages()
	var tables []string
	for i := range messages.Len() {
		tables = append(tables, tableOf(messages.Get(i)))
	}
	if want := sorted(tables...); !slices.Equal(Streamed(), want) {
		t.Errorf("streamed %q, want %q", Streamed(), want)
	}
	for _, name := range Streamed() {
		if got := who(needs, Table, name, Stream); !slices.Equal(got, []string{topology.Writer}) {
			t.Errorf("%s is streamed by %q", name, got)
		}
		if got := who(needs, Table, name, Change); len(got) > 0 {
			t.Errorf("%s is changed by %q", name, got)
		}
	}
}

// tableOf is the table of a row message: StagingOrder's is staging_orders.
func tableOf(m protoreflect.MessageDescriptor) string {
	var name strings.Builder
	for i, r := range string(m.Name()) {
		if i > 0 && 'A' <= r && r <= 'Z' {
			name.WriteByte('_')
		}
		name.WriteString(strings.ToLower(string(r)))
	}
	return name.String() + "s"
}

func TestTables(t *testing.T) {
	t.Parallel()
	needs := mustNeeds(t)
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, table := range tables {
		known[table.Name] = true
		used := slices.ContainsFunc(needs, func(n Need) bool { return n.Kind == Table && n.Name == table.Name && n.Service != topology.Doctor })
		if !used && table.ViewQuery == "" { // a view may be for people alone
			t.Errorf("nobody uses %s: a table of schema/ must be somebody's", table.Name)
		}
	}
	runs := make(map[string]bool)
	for _, n := range needs {
		if n.Kind == Project {
			runs[n.Service] = true
		}
	}
	for _, n := range needs {
		if n.Kind != Table {
			continue
		}
		if !known[n.Name] {
			t.Errorf("%s uses %s, which is no table", n.Service, n.Name)
		}
		if !slices.Contains(n.Verbs, Stream) && !runs[n.Service] {
			t.Errorf("%s queries %s and may not run jobs", n.Service, n.Name)
		}
		looks := n.Service == topology.Operator && slices.Equal(n.Verbs, []Verb{Look})
		if n.Service == topology.Operator && slices.Contains([]string{"dead_letter_fates", "dashboard_annotations", "dashboard_goals"}, n.Name) {
			continue // the operator's own notes
		}
		if slices.Contains([]string{topology.Reporter, topology.Operator, topology.Doctor}, n.Service) && !looks && !slices.Equal(n.Verbs, []Verb{Read}) && !slices.Equal(n.Verbs, []Verb{Look, Read}) {
			t.Errorf("%s may %v %s: it only reads", n.Service, n.Verbs, n.Name)
		}
		if n.Service == topology.ReporterDaily && slices.Contains(n.Verbs, Change) && !strings.HasPrefix(n.Name, "report_") && n.Name != "audit_days" {
			t.Errorf("the daily reports change %s", n.Name)
		}
	}
	if runs[topology.Writer] || runs[topology.Watcher] {
		t.Error("writer and watcher run no jobs")
	}
	for _, name := range []string{"fact_orders", "file_ledger", "pipeline_fence"} {
		if got := who(needs, Table, name, Change); !slices.Equal(got, []string{topology.Aggregator}) {
			t.Errorf("%s is changed by %q, want the aggregator alone", name, got)
		}
	}
}

// Whoever brings a file back is told first whether staging would keep its rows, so that
// the operator sees the settings of each table whose rows expire, and only the rows that a trace shows.
func TestOperatorSeesWhatExpires(t *testing.T) {
	t.Parallel()
	bindings, err := Bindings(target)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, table := range tables {
		if table.PartitionExpirationDays > 0 {
			want = append(want, table.Name)
		}
	}
	for _, b := range bindings {
		if b.Service == topology.Operator && b.Kind == Table && (b.Role == "roles/bigquery.metadataViewer" || b.Role == "roles/bigquery.dataViewer" && slices.Contains(want, b.Resource)) {
			got = append(got, b.Resource)
		}
	}
	if want = sorted(want...); len(want) < 3 || !slices.Equal(sorted(got...), want) {
		t.Errorf("the operator sees the settings of %q, want %q", got, want)
	}
}

func TestPrefixes(t *testing.T) {
	t.Parallel()
	needs := mustNeeds(t)
	for _, prefix := range []string{topology.Landing, topology.Staging, topology.Archive, topology.Quarantine, topology.Reports} {
		if len(who(needs, Prefix, prefix, Read)) == 0 {
			t.Errorf("nobody reads %s", prefix)
		}
	}
	for _, prefix := range []string{topology.Landing, topology.Archive, topology.Quarantine} {
		if got := who(needs, Prefix, prefix, Delete); !slices.Equal(got, []string{topology.Watcher}) {
			t.Errorf("%s: %q may delete, want the watcher alone", prefix, got)
		}
	}
}

func TestBindings(t *testing.T) {
	t.Parallel()
	bindings, err := Bindings(target)
	if err != nil {
		t.Fatal(err)
	}
	want := Binding{
		Service: "parser",
		Member:  "principal://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/shop-1.svc.id.goog/subject/ns/shop/sa/parser",
		Role:    "roles/storage.objectUser", Kind: Prefix, Resource: "shop-bucket",
		Condition: &Condition{Title: "parser-staging", Expression: `resource.name.startsWith("projects/_/buckets/shop-bucket/objects/staging/")`},
	}
	if !slices.ContainsFunc(bindings, func(b Binding) bool { return cmp.Equal(b, want) }) {
		t.Errorf("no binding %+v", want)
	}
	var text bytes.Buffer
	if err := WriteJSON(&text, bindings); err != nil {
		t.Fatal(err)
	}
	var back []Binding
	if err := json.Unmarshal(text.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bindings, back); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	members := make(map[string]bool)
	for _, b := range bindings {
		if b.Role == "" || b.Resource == "" || strings.Contains(b.Role, "admin") || strings.Contains(b.Role, "owner") {
			t.Errorf("binding %+v", b)
		}
		members[b.Member] = true
	}
	if want := len(Services()) + 2; len(members) != want { // and Google's two agents
		t.Errorf("%d principals, want %d", len(members), want)
	}
	if _, err := Bindings(Target{}); err == nil || !strings.Contains(err.Error(), "PROJECT_ID must be set") {
		t.Errorf("error %v, want one that names what is missing", err)
	}
}

// A shell makes of the printed commands what the bindings say.
func TestCommandsInAShell(t *testing.T) {
	t.Parallel()
	target := target
	target.Number = NumberVariable
	bindings, err := Bindings(target)
	if err != nil {
		t.Fatal(err)
	}
	var script bytes.Buffer
	if err := WriteCommands(&script, target, bindings); err != nil {
		t.Fatal(err)
	}
	// Both commands print their arguments; the first is asked for the number.
	dir := t.TempDir()
	const stub = "#!/bin/sh\ncase \"$*\" in *projectNumber*) echo 42; exit;; esac\nprintf '<%s>' \"$@\"; echo\n"
	for _, name := range []string{"gcloud", "bq"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(stub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	shell := exec.CommandContext(t.Context(), "/bin/sh")
	shell.Stdin, shell.Env = &script, []string{"PATH=" + dir}
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(bindings) {
		t.Fatalf("%d commands for %d bindings", len(lines), len(bindings))
	}
	const member = "--member=principal://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/shop-1.svc.id.goog/subject/ns/shop/sa/"
	for _, want := range []string{
		"<pubsub><topics><add-iam-policy-binding><files-landed><--project=shop-1><" + member + "watcher><--role=roles/pubsub.publisher>",
		"<pubsub><subscriptions><add-iam-policy-binding><files-landed.parser><--project=shop-1><" + member + "parser><--role=roles/pubsub.subscriber>",
		"<storage><buckets><add-iam-policy-binding><gs://shop-bucket><" + member + "watcher><--role=roles/storage.objectUser>" +
			`<--condition=expression=resource.name.startsWith("projects/_/buckets/shop-bucket/objects/landing/"),title=watcher-landing>`,
		"<add-iam-policy-binding><--table=true><" + member + "reporter><--role=roles/bigquery.dataViewer><shop-1:ecommerce_data.fact_orders>",
		"<projects><add-iam-policy-binding><shop-1><" + member + "aggregator><--role=roles/bigquery.jobUser><--condition=None>",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no command %s", want)
		}
	}
}

func TestBindAddsOnce(t *testing.T) {
	t.Parallel()
	stranger := &iampb.Binding{Role: "roles/storage.objectUser", Members: []string{"user:a@example.com"}}
	policy := &iampb.Policy{Version: 1, Bindings: []*iampb.Binding{stranger}}
	conditional := Binding{Member: "m", Role: "roles/storage.objectUser", Condition: &Condition{Title: "t", Expression: "e"}}
	for _, step := range []struct {
		binding Binding
		added   bool
	}{
		{conditional, true}, {conditional, false},
		{Binding{Member: "m", Role: "roles/storage.objectUser"}, true},
		{Binding{Member: "n", Role: "roles/storage.objectUser", Condition: &Condition{Title: "another", Expression: "e"}}, true},
	} {
		if got := bind(policy, step.binding); got != step.added {
			t.Errorf("bind %+v: added %v, want %v", step.binding, got, step.added)
		}
	}
	var got []string
	for _, b := range policy.Bindings {
		got = append(got, b.Role+" "+b.Condition.GetExpression()+" "+strings.Join(b.Members, ","))
	}
	want := []string{"roles/storage.objectUser  user:a@example.com,m", "roles/storage.objectUser e m,n"}
	if diff := cmp.Diff(want, got); diff != "" || policy.Version != 3 {
		t.Errorf("version %d, bindings (-want +got):\n%s", policy.Version, diff)
	}
}
