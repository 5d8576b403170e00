package operate

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/iam"
	"cloud.google.com/go/iam/apiv1/iampb"
	"github.com/google/go-cmp/cmp"
	crm "google.golang.org/api/cloudresourcemanager/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// applyIAM is provision --iam=apply, with what it prints.
func applyIAM(t *testing.T, cfg cloud.Config, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	root := command.Root()
	root.Writer, root.ErrWriter = &out, &out
	if err := root.Run(t.Context(), append([]string{
		"pipelinectl", "--project", cfg.ProjectID, "--bucket", cfg.Bucket, "--pubsub-host", cfg.PubSubHost, "--storage-host", cfg.StorageHost,
		"--bigquery-host", cfg.BigQueryHost, "--resource-manager-host", cfg.ResourceManagerHost, "provision", "--iam=apply",
	}, args...)); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return out.String()
}

// lacking are the findings of doctor's permission check.
func lacking(t *testing.T, cfg cloud.Config, operator string) []string {
	t.Helper()
	opts := doctor.Default()
	opts.Operator = operator
	var list []string
	for _, f := range harness.MustExamine(t, cfg, opts) {
		if f.Check == "permissions" && f.Status != doctor.OK {
			list = append(list, f.Detail)
		}
	}
	return list
}

const stranger, oncall = "user:stranger@example.com", "group:oncall@example.com"

// One resource of each kind.
const someTopic, someSubscription, someTable = "files-parsed", "files-parsed.aggregator", "fact_orders"

// edit is what is done to the bindings of a policy.
type edit func(kind access.Kind, bindings []*iampb.Binding) []*iampb.Binding

// changePolicies edits the policies of one resource of each kind through Google's
// clients, each its own way.
func (g *vandal) changePolicies(t *testing.T, edit edit) {
	t.Helper()
	ctx := t.Context()
	topic, subscription := g.topicName(someTopic), g.subscriptionName(someSubscription)
	p, err := g.messaging.TopicAdminClient.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: topic})
	if err != nil {
		t.Fatal(err)
	}
	p.Bindings = edit(access.Topic, p.Bindings)
	if _, err := g.messaging.TopicAdminClient.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: topic, Policy: p}); err != nil {
		t.Fatal(err)
	}
	if p, err = g.messaging.SubscriptionAdminClient.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: subscription}); err != nil {
		t.Fatal(err)
	}
	p.Bindings = edit(access.Subscription, p.Bindings)
	if _, err := g.messaging.SubscriptionAdminClient.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: subscription, Policy: p}); err != nil {
		t.Fatal(err)
	}
	bucket := g.storage.Bucket(g.cfg.Bucket).IAM().V3()
	files, err := bucket.Policy(ctx)
	if err != nil {
		t.Fatal(err)
	}
	files.Bindings = edit(access.Prefix, files.Bindings)
	if err := bucket.SetPolicy(ctx, files); err != nil {
		t.Fatal(err)
	}
	table := g.table(someTable).IAM()
	rows, err := table.Policy(ctx)
	if err != nil {
		t.Fatal(err)
	}
	rows.InternalProto.Bindings = edit(access.Table, rows.InternalProto.Bindings)
	if err := table.SetPolicy(ctx, &iam.Policy{InternalProto: rows.InternalProto}); err != nil {
		t.Fatal(err)
	}
	projects, err := g.cfg.NewResourceManager(ctx)
	if err != nil {
		t.Fatal(err)
	}
	project := "projects/" + g.cfg.ProjectID
	held, err := projects.Projects.GetIamPolicy(project, &crm.GetIamPolicyRequest{Options: &crm.GetPolicyOptions{RequestedPolicyVersion: 3}}).Context(ctx).Do()
	if err != nil {
		t.Fatal(err)
	}
	var bindings []*iampb.Binding
	for _, b := range held.Bindings {
		bindings = append(bindings, &iampb.Binding{Role: b.Role, Members: b.Members})
	}
	held.Bindings = nil
	for _, b := range edit(access.Project, bindings) {
		held.Bindings = append(held.Bindings, &crm.Binding{Role: b.Role, Members: b.Members})
	}
	if _, err := projects.Projects.SetIamPolicy(project, &crm.SetIamPolicyRequest{Policy: held}).Context(ctx).Do(); err != nil {
		t.Fatal(err)
	}
}

// strangersRoles are granted by somebody else, one of them with the condition of ours.
var strangersRoles = map[access.Kind]string{
	access.Topic: "roles/pubsub.viewer", access.Subscription: "roles/pubsub.subscriber", access.Prefix: "roles/storage.objectUser",
	access.Table: "roles/bigquery.dataViewer", access.Project: "roles/editor",
}

// Permissions are granted once, and mended, and what others have is theirs: through
// Google's own clients on every kind of resource.
func TestPermissionsAreAppliedAndMended(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	agents := mustProvision(t, cfg, provision.Options{}) // grants Google's agents theirs
	if outcomes(agents)["service agents"] != provision.Updated {
		t.Errorf("the service agents are %q", outcomes(agents)["service agents"])
	}
	v := newVandal(t, cfg, 1)
	v.changePolicies(t, func(kind access.Kind, bindings []*iampb.Binding) []*iampb.Binding {
		return append(bindings, &iampb.Binding{Role: strangersRoles[kind], Members: []string{stranger}})
	})
	all := lacking(t, cfg, oncall)
	if dry := applyIAM(t, cfg, "--operator", oncall, "--dry-run"); !strings.Contains(dry, fmt.Sprintf("%d of ", len(all))) {
		t.Errorf("the doctor misses %d permissions; the dry run says %s", len(all), dry)
	}
	if got := lacking(t, cfg, oncall); len(got) != len(all) || len(all) < 100 {
		t.Errorf("%d permissions are missing after a dry run, %d before", len(got), len(all))
	}
	if out := applyIAM(t, cfg, "--operator", oncall); strings.Count(out, "+ ") != len(all) {
		t.Errorf("%d permissions were missing; printed: %s", len(all), out)
	}
	if got := lacking(t, cfg, oncall); len(got) > 0 {
		t.Errorf("still missing: %q", got)
	}
	if out := applyIAM(t, cfg, "--operator", oncall); !strings.HasPrefix(out, "0 of ") {
		t.Errorf("once more: %s", out)
	}

	taken := make(map[access.Kind]int)
	before := make(map[access.Kind][]*iampb.Binding)
	v.changePolicies(t, func(kind access.Kind, bindings []*iampb.Binding) []*iampb.Binding {
		before[kind] = bindings
		var left []*iampb.Binding
		for _, b := range bindings {
			kept := &iampb.Binding{Role: b.Role, Condition: b.Condition}
			for _, member := range b.Members {
				if strings.HasSuffix(member, "/sa/aggregator") || strings.HasSuffix(member, "/sa/parser") || member == oncall {
					taken[kind]++
					continue
				}
				kept.Members = append(kept.Members, member)
			}
			left = append(left, kept)
		}
		return left
	})
	total := 0
	for _, kind := range []access.Kind{access.Topic, access.Subscription, access.Prefix, access.Table, access.Project} {
		if total += taken[kind]; taken[kind] == 0 {
			t.Errorf("nothing was taken from the %s", kind)
		}
	}
	if got := lacking(t, cfg, oncall); len(got) != total {
		t.Errorf("%d permissions were taken away, the doctor misses %q", total, got)
	}
	if out := applyIAM(t, cfg, "--operator", oncall); !strings.Contains(out, fmt.Sprintf("\n%d of ", total)) {
		t.Errorf("%d permissions were taken away; printed: %s", total, out)
	}
	v.changePolicies(t, func(kind access.Kind, bindings []*iampb.Binding) []*iampb.Binding {
		if diff := cmp.Diff(grants(before[kind]), grants(bindings)); diff != "" {
			t.Errorf("%s: policy (-before +mended):\n%s", kind, diff)
		}
		if !grants(bindings)[strangersRoles[kind]+"  "+stranger] {
			t.Errorf("%s: the stranger's role is gone: %v", kind, bindings)
		}
		return bindings
	})
}

// grants are the roles, conditions and members of bindings, in no order.
func grants(bindings []*iampb.Binding) map[string]bool {
	set := make(map[string]bool)
	for _, b := range bindings {
		for _, member := range b.Members {
			set[b.Role+" "+b.Condition.GetExpression()+" "+member] = true
		}
	}
	return set
}

// Two people grant at once: each policy that one finds changed is read again, and
// nobody's grant is lost.
func TestPermissionsAppliedAtOnce(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	operators := []string{oncall, "group:night@example.com"}
	var both sync.WaitGroup
	for _, operator := range operators {
		both.Go(func() {
			client, err := access.Open(t.Context(), cfg)
			if err != nil {
				t.Error(err)
				return
			}
			defer client.Close()
			bindings, err := access.Bindings(access.Target{Cloud: cfg, Number: "42", Namespace: "n", Operator: operator})
			if err == nil {
				_, err = client.Apply(t.Context(), bindings, false)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	client, err := access.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, operator := range operators {
		bindings, err := access.Bindings(access.Target{Cloud: cfg, Number: "42", Namespace: "n", Operator: operator})
		if err != nil {
			t.Fatal(err)
		}
		if missing, err := client.Apply(t.Context(), bindings, true); err != nil || len(missing) > 0 {
			t.Errorf("%s: %d are missing, such as %+v (%v)", operator, len(missing), missing[:min(1, len(missing))], err)
		}
	}
}

// grantNodes lets the cluster's nodes pull images, as a project's owner does.
func grantNodes(t *testing.T, cfg cloud.Config) {
	t.Helper()
	client, err := access.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	number, err := client.ProjectNumber(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Apply(t.Context(), access.NodeBindings(access.Target{Cloud: cfg, Number: number, Namespace: access.Namespace}), false); err != nil {
		t.Fatal(err)
	}
}
