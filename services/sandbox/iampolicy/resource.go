package iampolicy

import (
	"regexp"
	"slices"
	"strings"
)

// Resource is a kind of resource that has a policy.
type Resource struct {
	name string
	// plainOnly is a resource whose policies are of version 1 alone.
	plainOnly bool
	// conditions tells whether its bindings may have some;
	// https://cloud.google.com/iam/docs/resource-types-with-conditional-roles.
	conditions bool
	// public tells whether everybody may be a member.
	public bool
	// convenience tells whether owners, editors and viewers of a project may be.
	convenience bool
	// predefined tells whether Google's role can be granted on it.
	predefined func(role string) bool
}

// Kinds of resources.
var (
	Topic        = Resource{name: "topic", public: true, predefined: ofService("pubsub", true)}
	Subscription = Resource{name: "subscription", public: true, predefined: ofService("pubsub", true)}
	Schema       = Resource{name: "schema", public: true, predefined: ofService("pubsub", true)}
	Bucket       = Resource{name: "bucket", conditions: true, public: true, convenience: true, predefined: ofService("storage", false)}
	Table        = Resource{name: "table", plainOnly: true, public: true, convenience: true, predefined: oneOf(
		// Those whose lowest resource is a table or a view; jobs are run in projects.
		"roles/bigquery.admin", "roles/bigquery.dataEditor", "roles/bigquery.dataOwner", "roles/bigquery.dataViewer",
		"roles/bigquery.filteredDataViewer", "roles/bigquery.metadataViewer")}
	Project = Resource{name: "project", conditions: true, predefined: func(string) bool { return true }}
)

// WithoutConditions is a bucket whose access is not uniform.
func (r Resource) WithoutConditions() Resource {
	r.conditions = false
	return r
}

var basic = []string{"roles/owner", "roles/editor", "roles/viewer"}

func ofService(service string, basicToo bool) func(string) bool {
	return func(role string) bool {
		return strings.HasPrefix(role, "roles/"+service+".") || basicToo && slices.Contains(basic, role)
	}
}

func oneOf(roles ...string) func(string) bool {
	return func(role string) bool { return slices.Contains(roles, role) }
}

var (
	predefinedRole = regexp.MustCompile(`^roles/[a-zA-Z0-9_.]+$`)
	customRole     = regexp.MustCompile(`^(projects|organizations)/[a-z0-9:.-]+/roles/[a-zA-Z0-9_.]{3,64}$`)
	account        = regexp.MustCompile(`^(deleted:)?(user|serviceAccount|group):[^@\s:]+@[^@\s:?]+(\?uid=\d+)?$`)
	domain         = regexp.MustCompile(`^domain:[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+$`)
	federated      = regexp.MustCompile(`^(deleted:)?(principal|principalSet)://[a-z]+\.googleapis\.com/[^\s]+$`)
	convenience    = regexp.MustCompile(`^project(Owner|Editor|Viewer):[a-z0-9:.-]+$`)
	permission     = regexp.MustCompile(`^[a-z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9]*){2,}$`)
)

// Public are the members that are everybody.
var Public = []string{"allUsers", "allAuthenticatedUsers"}

func (r Resource) checkBinding(b Binding) error {
	switch {
	case strings.Contains(b.Role, withCondition):
		return invalidf("Role %s stands for one with a condition: read the policy as version %d.", b.Role, conditionVersion)
	case customRole.MatchString(b.Role):
	case !predefinedRole.MatchString(b.Role):
		return invalidf("Invalid role %q: it is neither roles/... nor projects/.../roles/... nor organizations/.../roles/....", b.Role)
	case !r.predefined(b.Role):
		return invalidf("Role %s is not supported for this resource (a %s).", b.Role, r.name)
	}
	if c := b.Condition; c != nil {
		switch {
		case !r.conditions:
			return invalidf("Conditions are not supported on the policy of this %s.", r.name)
		case slices.Contains(basic, b.Role):
			return invalidf("Role %s cannot be granted with a condition.", b.Role)
		case c.Expression == "" || c.Title == "":
			return invalidf("A condition needs a title and an expression.")
		}
	}
	for _, member := range b.Members {
		if err := r.checkMember(member); err != nil {
			return err
		}
	}
	return nil
}

func (r Resource) checkMember(member string) error {
	switch {
	case slices.Contains(Public, member):
		if !r.public {
			return invalidf("Member %s cannot be granted a role on a %s.", member, r.name)
		}
	case convenience.MatchString(member):
		if !r.convenience {
			return invalidf("Member %s is not of a kind that the policy of a %s takes.", member, r.name)
		}
	case !account.MatchString(member) && !domain.MatchString(member) && !federated.MatchString(member):
		return invalidf("Invalid member %q: principals are written as user:, serviceAccount: or group: and an email address, domain:, principal://, principalSet://.", member)
	}
	return nil
}

// CheckPermissions refuses what cannot be tested: wildcards and what is no permission.
func CheckPermissions(permissions []string) error {
	for _, p := range permissions {
		if !permission.MatchString(p) {
			return invalidf("Permission %q is not valid.", p)
		}
	}
	return nil
}
