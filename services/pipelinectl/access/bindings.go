package access

import (
	"fmt"
	"slices"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Target says whose rights are meant: the project and its resources, and the
// namespace of the cluster that the services run in.
type Target struct {
	Cloud cloud.Config
	// Number is the project's number; it is part of every principal's name.
	Number string
	// Namespace of the Kubernetes service accounts.
	Namespace string
	// Operator is who brings files and dead letters back: a member of IAM, such as
	// group:oncall@example.com. Empty: a service account of the cluster, as for services.
	Operator string
}

// Namespace is that of the manifests in k8s/.
const Namespace = "order-pipeline"

// Validate names the settings at fault.
func (t Target) Validate() error {
	return config.Join(t.Cloud.Validate(), config.Required("the project's number", t.Number), config.Required("the namespace", t.Namespace))
}

// Principal is a service's name in IAM.
func (t Target) Principal(service string) string {
	if service == topology.Operator && t.Operator != "" {
		return t.Operator
	}
	return "principal://iam.googleapis.com/projects/" + t.Number + "/locations/global/workloadIdentityPools/" +
		t.Cloud.ProjectID + ".svc.id.goog/subject/ns/" + t.Namespace + "/sa/" + service
}

// Condition narrows a binding to some of a resource's parts.
type Condition struct {
	Title      string `json:"title"`
	Expression string `json:"expression"` // CEL
}

// Binding is one role for one principal on one resource.
type Binding struct {
	Service   string     `json:"service"`
	Member    string     `json:"member"`
	Role      string     `json:"role"`
	Kind      Kind       `json:"kind"` // prefix: the bucket, with a condition or without
	Resource  string     `json:"resource"`
	Condition *Condition `json:"condition,omitempty"`
}

// roles lists for each kind the roles to choose from, the smallest first, with
// what they allow. They are Google's predefined ones: none of them is a custom
// role that somebody would have to maintain.
var roles = map[Kind][]struct {
	role   string
	allows []Verb
}{
	Topic:        {{"roles/pubsub.publisher", []Verb{Publish}}},
	Subscription: {{"roles/pubsub.subscriber", []Verb{Consume}}},
	Prefix: {
		{"roles/storage.legacyBucketReader", []Verb{List}},
		{"roles/storage.objectViewer", []Verb{Read}},
		{"roles/storage.objectCreator", []Verb{Create}},
		{"roles/storage.objectUser", []Verb{Create, Delete, Read, Update}},
	},
	Table: {
		{"roles/bigquery.metadataViewer", []Verb{Look}},
		{"roles/bigquery.dataViewer", []Verb{Look, Read}},
		{"roles/bigquery.dataEditor", []Verb{Change, Look, Read, Stream}},
	},
	Project: {{"roles/bigquery.jobUser", []Verb{Query}}},
}

// roleOf is the smallest role that allows what is needed.
func roleOf(n Need) (string, error) {
	for _, r := range roles[n.Kind] {
		if !slices.ContainsFunc(n.Verbs, func(v Verb) bool { return !slices.Contains(r.allows, v) }) {
			return r.role, nil
		}
	}
	return "", fmt.Errorf("access: no role on a %s allows %v", n.Kind, n.Verbs)
}

// Bindings are the rights of all services, in the order of Needs.
func Bindings(t Target) ([]Binding, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	needs, err := Needs()
	if err != nil {
		return nil, err
	}
	bindings := make([]Binding, 0, len(needs))
	for _, n := range needs {
		role, err := roleOf(n)
		if err != nil {
			return nil, err
		}
		b := Binding{Service: n.Service, Member: t.Principal(n.Service), Role: role, Kind: n.Kind, Resource: n.Name}
		switch n.Kind {
		case Project:
			b.Resource = t.Cloud.ProjectID
		case Prefix:
			b.Resource = t.Cloud.Bucket
			if n.Name != "" {
				b.Condition = &Condition{
					Title:      n.Service + "-" + n.Name[:len(n.Name)-1],
					Expression: `resource.name.startsWith("projects/_/buckets/` + t.Cloud.Bucket + `/objects/` + n.Name + `")`,
				}
			}
		}
		bindings = append(bindings, b)
	}
	return slices.Concat(bindings, inspection(t), Agents(t.Number)), nil
}

// inspection is what the doctor looks at besides tables and the bucket: the settings
// of topics, subscriptions and schemas, what a table is like, policies, the metrics of
// a backlog, and the project's number.
func inspection(t Target) []Binding {
	var list []Binding
	for _, role := range []string{
		"roles/bigquery.metadataViewer", "roles/browser", "roles/iam.securityReviewer", "roles/monitoring.viewer", "roles/pubsub.viewer",
	} {
		list = append(list, Binding{topology.Doctor, t.Principal(topology.Doctor), role, Project, t.Cloud.ProjectID, nil})
	}
	// pipelinectl status tells of backlogs.
	return append(list, Binding{topology.Operator, t.Principal(topology.Operator), "roles/monitoring.viewer", Project, t.Cloud.ProjectID, nil})
}

// Google's own agents, which act for the project. Provisioning gives them their
// rights; they are in the list for whoever grants by hand.
const (
	StorageAgent = "Cloud Storage's service agent"
	PubSubAgent  = "Pub/Sub's service agent"
)

// Agents are their rights. Without them notifications are refused, and dead
// letters stay where they are.
func Agents(projectNumber string) []Binding {
	storage := "serviceAccount:service-" + projectNumber + "@gs-project-accounts.iam.gserviceaccount.com"
	messaging := "serviceAccount:service-" + projectNumber + "@gcp-sa-pubsub.iam.gserviceaccount.com"
	publisher, subscriber := roles[Topic][0].role, roles[Subscription][0].role
	list := []Binding{{StorageAgent, storage, publisher, Topic, topology.TopicLandingNotifications, nil}}
	for _, id := range topology.Subscriptions() {
		list = append(list,
			Binding{PubSubAgent, messaging, publisher, Topic, topology.DeadLetterTopic(id), nil},
			Binding{PubSubAgent, messaging, subscriber, Subscription, id, nil})
	}
	return list
}
