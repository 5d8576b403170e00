package iampolicy

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const reader, writer = "user:a@example.com", "serviceAccount:b@p.iam.gserviceaccount.com"

var prefix = &Condition{Title: "landing", Expression: `resource.name.startsWith("x")`}

func mustSet(t *testing.T, r Resource, held *Policy, sent Policy) *Policy {
	t.Helper()
	p, err := r.Set(held, sent)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSetJoinsAndMarks(t *testing.T) {
	t.Parallel()
	first, err := Topic.Get(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	const role = "roles/pubsub.publisher"
	held := mustSet(t, Topic, nil, Policy{Etag: first.Etag, Bindings: []Binding{
		{Role: role, Members: []string{reader}}, {Role: role, Members: []string{"user:A@example.com", writer}}, {Role: "roles/pubsub.viewer"},
	}})
	want := &Policy{Version: 1, Bindings: []Binding{{Role: role, Members: []string{reader, writer}}}}
	if diff := cmp.Diff(want, held, cmpopts.IgnoreFields(Policy{}, "Etag")); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	_, err = Topic.Set(held, Policy{Etag: first.Etag})
	if _, stale := errors.AsType[*StaleError](err); !stale {
		t.Errorf("a stale etag: %v", err)
	}
	next := mustSet(t, Topic, held, Policy{}) // no etag: it replaces blindly
	if cmp.Equal(next.Etag, held.Etag) {
		t.Error("the etag did not change")
	}
}

func TestConditionsNeedVersion3(t *testing.T) {
	t.Parallel()
	conditional := []Binding{{Role: "roles/storage.objectViewer", Members: []string{reader}, Condition: prefix}}
	if _, err := Bucket.Set(nil, Policy{Version: 1, Bindings: conditional}); err == nil {
		t.Error("conditions in version 1 are taken")
	}
	held := mustSet(t, Bucket, nil, Policy{Version: 3, Bindings: conditional})
	plain, err := Bucket.Get(held, 1)
	if err != nil {
		t.Fatal(err)
	}
	if b := plain.Bindings[0]; plain.Version != 1 || b.Condition != nil || !strings.HasPrefix(b.Role, "roles/storage.objectViewer_withcond_") {
		t.Errorf("version 1 of it is %+v", plain)
	}
	for name, sent := range map[string]Policy{
		"what version 1 showed":      *plain,
		"version 1 with its etag":    {Version: 1, Etag: held.Etag},
		"a role that stands for one": {Version: 3, Bindings: plain.Bindings},
	} {
		if _, err := Bucket.Set(held, sent); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	whole, err := Bucket.Get(held, 3)
	if err != nil || !cmp.Equal(whole, held) {
		t.Errorf("version 3: %+v, %v", whole, err)
	}
	mustSet(t, Bucket, held, Policy{Version: 1}) // the documented loss: no etag
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	one := func(role string, members ...string) Policy {
		return Policy{Bindings: []Binding{{Role: role, Members: members}}}
	}
	conditional := func(role string) Policy {
		return Policy{Version: 3, Bindings: []Binding{{Role: role, Members: []string{reader}, Condition: prefix}}}
	}
	const subscriber = "roles/pubsub.subscriber"
	for name, tt := range map[string]struct {
		resource Resource
		policy   Policy
		taken    bool
	}{
		"a user":                         {Topic, one(subscriber, reader), true},
		"everybody":                      {Topic, one(subscriber, "allUsers"), true},
		"a principal of a cluster":       {Topic, one(subscriber, "principal://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/p.svc.id.goog/subject/ns/n/sa/s"), true},
		"a custom role":                  {Table, one("projects/p/roles/my.role", reader), true},
		"a basic role":                   {Topic, one("roles/viewer", reader), true},
		"a deleted account":              {Project, one("roles/browser", "deleted:serviceAccount:b@p.iam.gserviceaccount.com?uid=12"), true},
		"owners of a project":            {Bucket, one("roles/storage.legacyBucketOwner", "projectOwner:p"), true},
		"a condition on a project":       {Project, conditional("roles/browser"), true},
		"no kind of member":              {Topic, one(subscriber, "a@example.com"), false},
		"no address":                     {Topic, one(subscriber, "user:a"), false},
		"another service's role":         {Topic, one("roles/storage.admin", reader), false},
		"no role":                        {Topic, one("pubsub.subscriber", reader), false},
		"running jobs, of a table":       {Table, one("roles/bigquery.jobUser", reader), false},
		"a basic role of a bucket":       {Bucket, one("roles/owner", reader), false},
		"everybody on a project":         {Project, one("roles/browser", "allUsers"), false},
		"owners of a project on a topic": {Topic, one(subscriber, "projectOwner:p"), false},
		"a condition on a topic":         {Topic, conditional(subscriber), false},
		"a condition on a basic role":    {Project, conditional("roles/viewer"), false},
		"a condition on a table":         {Table, conditional("roles/bigquery.dataViewer"), false},
		"a condition without uniformity": {Bucket.WithoutConditions(), conditional("roles/storage.objectUser"), false},
		"version 3 of a table":           {Table, Policy{Version: 3}, false},
		"version 2":                      {Topic, Policy{Version: 2}, false},
		"too many members":               {Topic, one(subscriber, strings.Split(strings.Repeat(reader+" ", maxPrincipals+1), " ")[:maxPrincipals+1]...), false},
	} {
		_, err := tt.resource.Set(nil, tt.policy)
		if _, invalid := errors.AsType[*InvalidError](err); invalid == tt.taken {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Table.Get(nil, 3); err == nil {
		t.Error("a table's policy is shown as version 3")
	}
	for p, valid := range map[string]bool{"pubsub.topics.publish": true, "storage.objects.*": false, "": false, "publish": false} {
		if err := CheckPermissions([]string{p}); (err == nil) != valid {
			t.Errorf("permission %q: %v", p, err)
		}
	}
}
