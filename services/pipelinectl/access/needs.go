// Package access says what each part of the pipeline may do in a project: one
// principal per service, with the least of Google's predefined roles on exactly
// the topics, subscriptions, prefixes of the bucket and tables that it uses.
//
// The table of needs is derived: publishers and subscribers from pkg/topology,
// tables from the SQL statements that each service runs. Only what no statement
// tells stands here by hand: prefixes of the bucket, streamed tables, and the
// queries that two programs keep in their code.
//
// Principals are those of Workload Identity Federation for GKE, without a Google
// service account between: a Kubernetes service account of the service's name is
// the principal.
package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/sql"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// Verb is something done to a resource.
type Verb string

// Verbs. On a table, Stream appends with the Storage Write API, Change is DML, and
// Look sees what the table is like, but none of its rows.
const (
	Publish Verb = "publish"
	Consume Verb = "consume"

	Read   Verb = "read"
	Create Verb = "create"
	Update Verb = "update"
	Delete Verb = "delete"
	List   Verb = "list"

	Look   Verb = "look"
	Stream Verb = "stream"
	Change Verb = "change"
	Query  Verb = "query" // run jobs, in the project
)

// Kind of a resource.
type Kind string

// Kinds. A prefix is a part of the bucket by its objects' names; an empty one is
// the bucket itself.
const (
	Topic        Kind = "topic"
	Subscription Kind = "subscription"
	Prefix       Kind = "prefix"
	Table        Kind = "table"
	Project      Kind = "project"
)

// Need is what a service does to one resource.
type Need struct {
	Service string
	Kind    Kind
	Name    string
	Verbs   []Verb // sorted, distinct
}

// Services lists every principal, in the order of the flow.
func Services() []string {
	return []string{
		topology.Watcher, topology.Parser, topology.Writer, topology.Aggregator,
		topology.Reporter, topology.ReporterDaily, topology.Operator, topology.Doctor,
	}
}

// objects is what is done in the bucket. Whoever must tell a missing object from
// a forbidden one may list the bucket's names: without that right Cloud Storage
// answers 403 for both.
var objects = []Need{
	{topology.Watcher, Prefix, "", []Verb{List}},
	{topology.Watcher, Prefix, topology.Landing, []Verb{Delete, Read}},
	{topology.Watcher, Prefix, topology.Staging, []Verb{Create, Delete, Read, Update}},
	{topology.Watcher, Prefix, topology.Archive, []Verb{Create, Delete, Read}},
	{topology.Watcher, Prefix, topology.Quarantine, []Verb{Create, Delete, Read}},
	{topology.Parser, Prefix, "", []Verb{List}},
	{topology.Parser, Prefix, topology.Staging, []Verb{Read, Update}}, // notes that it is parsed
	{topology.Writer, Prefix, "", []Verb{List}},                       // records of refused rows are read again
	{topology.Writer, Prefix, topology.Staging, []Verb{Read}},
	{topology.Writer, Prefix, topology.Archive, []Verb{Read}},
	{topology.Writer, Prefix, topology.Quarantine, []Verb{Read}},
	{topology.Reporter, Prefix, "", []Verb{List}},
	{topology.Reporter, Prefix, topology.Reports, []Verb{Read}},
	{topology.ReporterDaily, Prefix, "", []Verb{List}},
	{topology.ReporterDaily, Prefix, topology.Reports, []Verb{Create, Delete, Read}}, // overwriting deletes
	{topology.Operator, Prefix, "", []Verb{List}},
	{topology.Operator, Prefix, topology.Staging, []Verb{Create, Read}},
	{topology.Operator, Prefix, topology.Archive, []Verb{Read}},
	{topology.Operator, Prefix, topology.Quarantine, []Verb{Read}},
	{topology.Doctor, Prefix, "", []Verb{List}},
}

// Streamed are the tables that the writer appends to.
func Streamed() []string {
	return []string{"dead_letters", "rejected_records", "staging_customers", "staging_orders", "staging_products"}
}

// runs tells who runs the statements whose names begin so; the longest match
// counts. Nobody's are those of provisioning and verifying, which are a person's; the
// doctor's need no line, because it reads every table.
var runs = map[string][]string{
	"seed/":         nil,
	"upgrade/":      nil,
	"verify/":       nil,
	"check/":        nil,
	"doctor/":       nil,
	"operations/":   {topology.Operator},
	"status/":       {topology.Operator},
	"trace/":        {topology.Operator, topology.Reporter},
	"republish/":    {topology.Operator},
	"calendar/zone": {topology.Reporter, topology.ReporterDaily, topology.Operator},
	"calendar/move": nil,
	"parsing/":      {topology.Parser},
	"transform/":    {topology.Aggregator},
	"loading/":      {topology.Aggregator},
	"dashboard/":    {topology.Reporter},
	"notify/":       {topology.Reporter},
	"lineage/":      {topology.Reporter},
	"reports/":      {topology.ReporterDaily},
	"reports/read_": {topology.Reporter, topology.ReporterDaily},
	// pipelinectl status asks these, too.
	"doctor/dead_letters":          {topology.Operator},
	"reports/read_newest_complete": {topology.Reporter, topology.ReporterDaily, topology.Operator},
	// pipelinectl lists what it writes for the dashboard.
	"dashboard/annotations": {topology.Reporter, topology.Operator},
	"dashboard/goals":       {topology.Reporter, topology.Operator},
}

// Needs is the whole table, sorted by service, kind and name.
func Needs() ([]Need, error) {
	t := table{}
	for _, n := range objects {
		t.add(n.Service, n.Kind, n.Name, n.Verbs...)
	}
	for _, topic := range topology.Topics() {
		for _, service := range topic.Publishers {
			t.add(service, Topic, topic.Name, Publish)
		}
		for _, service := range topic.Subscribers {
			id := topology.Subscription(topic.Name, service)
			t.add(service, Subscription, id, Consume)
			// A service sets a message aside itself; the subscription's policy is
			// the net below that.
			t.add(service, Topic, topology.DeadLetterTopic(id), Publish)
			t.add(topology.Writer, Subscription, topology.DeadLetterSubscription(id), Consume)
			// Dead letters are replayed from the table, or from where they wait for it.
			t.add(topology.Operator, Topic, topic.Name, Publish)
			t.add(topology.Operator, Subscription, topology.DeadLetterSubscription(id), Consume)
		}
	}
	for _, name := range Streamed() {
		t.add(topology.Writer, Table, name, Stream)
	}
	if err := t.addStatements(); err != nil {
		return nil, err
	}
	tables, err := schema.Tables()
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		t.add(topology.Doctor, Table, table.Name, Read)
		if table.PartitionExpirationDays > 0 {
			// Package recall asks how far back it may reach.
			t.add(topology.Operator, Table, table.Name, Look)
		}
	}
	return t.needs(), nil
}

// table collects verbs by service, kind and name.
type table map[[3]string]map[Verb]bool

func (t table) add(service string, kind Kind, name string, verbs ...Verb) {
	if kind == Table && verbs[0] != Stream && verbs[0] != Look {
		t.add(service, Project, "", Query)
	}
	key := [3]string{service, string(kind), name}
	if t[key] == nil {
		t[key] = make(map[Verb]bool)
	}
	for _, v := range verbs {
		t[key][v] = true
	}
}

func (t table) addStatements() error {
	statements, err := sql.Statements()
	if err != nil {
		return err
	}
	for _, s := range statements {
		services, known := runners(s.Name)
		if !known {
			return fmt.Errorf("access: nobody is known to run %s", s.Name)
		}
		for _, service := range services {
			for _, name := range s.Reads {
				t.add(service, Table, name, Read)
			}
			for _, name := range s.Writes {
				t.add(service, Table, name, Change)
			}
		}
	}
	return nil
}

func runners(statement string) (services []string, known bool) {
	longest := ""
	for prefix, who := range runs {
		if strings.HasPrefix(statement, prefix) && len(prefix) > len(longest) {
			longest, services, known = prefix, who, true
		}
	}
	return services, known
}

func (t table) needs() []Need {
	var list []Need
	for key, verbs := range t {
		n := Need{Service: key[0], Kind: Kind(key[1]), Name: key[2]}
		for v := range verbs {
			n.Verbs = append(n.Verbs, v)
		}
		slices.Sort(n.Verbs)
		list = append(list, n)
	}
	order := Services()
	slices.SortFunc(list, func(a, b Need) int {
		if a.Service != b.Service {
			return slices.Index(order, a.Service) - slices.Index(order, b.Service)
		}
		return strings.Compare(string(a.Kind)+" "+a.Name, string(b.Kind)+" "+b.Name)
	})
	return list
}
