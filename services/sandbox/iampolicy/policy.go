// Package iampolicy is what the fronts of the embedded cloud share about IAM: the
// form of an allow policy, and what a resource takes of one. Each front keeps the
// policies of its own resources beside their other state, and gives its errors the
// form of its API.
//
// Policies are kept, not enforced: nobody who calls is authenticated, so that whoever
// asks has every permission.
package iampolicy

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Policy is an allow policy, in the JSON form of every REST API that has one;
// https://cloud.google.com/iam/docs/reference/rest/v1/Policy. One that is kept is
// never changed in place.
type Policy struct {
	Version  int       `json:"version,omitempty"`
	Bindings []Binding `json:"bindings,omitempty"`
	// AuditConfigs, of a project, go back as they came.
	AuditConfigs json.RawMessage `json:"auditConfigs,omitempty"`
	// Etag is that of the policy it was read as; without one, Set replaces blindly.
	Etag []byte `json:"etag,omitempty"`
}

// Binding gives members a role, where the condition holds.
type Binding struct {
	Role      string     `json:"role"`
	Members   []string   `json:"members,omitempty"`
	Condition *Condition `json:"condition,omitempty"`
}

// Condition is an expression in CEL, which is kept and not evaluated.
type Condition struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Expression  string `json:"expression,omitempty"`
	Location    string `json:"location,omitempty"`
}

// Versions of policies: one with conditions is read and written as the latter.
const (
	plainVersion     = 1
	conditionVersion = 3
)

// maxPrincipals is how many members the bindings of a policy may have together;
// https://cloud.google.com/iam/quotas.
const maxPrincipals = 1500

// unset is the etag of a resource whose policy nobody has set.
var unset = []byte{0, 0x20, 1}

// StaleError is a policy that was changed since it was read.
type StaleError struct{ sent, have []byte }

func (e *StaleError) Error() string {
	return fmt.Sprintf("There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. "+
		"The request's ETag '%x' did not match the current policy's ETag '%x'.", e.sent, e.have)
}

// InvalidError is a request that a resource does not take.
type InvalidError struct{ message string }

func (e *InvalidError) Error() string { return e.message }

func invalidf(format string, args ...any) error { return &InvalidError{fmt.Sprintf(format, args...)} }

func (p *Policy) conditional() bool {
	return slices.ContainsFunc(p.Bindings, func(b Binding) bool { return b.Condition != nil })
}

// withCondition marks a role whose condition a reader of an older version does not
// see; https://cloud.google.com/iam/docs/troubleshooting-withcond.
const withCondition = "_withcond_"

// Get is the policy as it is shown to whoever asked for a version; 0: for none. held
// is what is kept, nil if nobody has set it.
func (r Resource) Get(held *Policy, version int) (*Policy, error) {
	if err := r.checkVersion(version); err != nil {
		return nil, err
	}
	shown := Policy{Etag: unset, Version: plainVersion}
	if held != nil {
		shown = *held
	}
	if !shown.conditional() || version == conditionVersion {
		return &shown, nil
	}
	shown.Version, shown.Bindings = plainVersion, slices.Clone(shown.Bindings)
	for i, b := range shown.Bindings {
		if b.Condition != nil {
			sum := sha256.Sum256([]byte(b.Condition.Expression))
			shown.Bindings[i] = Binding{Role: b.Role + withCondition + hex.EncodeToString(sum[:10]), Members: b.Members}
		}
	}
	return &shown, nil
}

func (r Resource) checkVersion(version int) error {
	if version != 0 && version != plainVersion && (version != conditionVersion || r.plainOnly) {
		return invalidf("Invalid policy version %d: a %s takes versions 0, 1%s.", version, r.name, map[bool]string{false: " and 3"}[r.plainOnly])
	}
	return nil
}

// Set is the policy to keep when sent replaces held: with an etag of its own, equal
// bindings joined, those without members left out.
func (r Resource) Set(held *Policy, sent Policy) (*Policy, error) {
	have, err := r.Get(held, conditionVersionOf(r))
	if err != nil {
		return nil, err
	}
	if len(sent.Etag) > 0 && !bytes.Equal(sent.Etag, have.Etag) {
		return nil, &StaleError{sent.Etag, have.Etag}
	}
	if err := r.checkVersion(sent.Version); err != nil {
		return nil, err
	}
	switch {
	case sent.conditional() && sent.Version != conditionVersion:
		return nil, invalidf("A policy with conditions must be of version %d, is of %d.", conditionVersion, sent.Version)
	case have.conditional() && len(sent.Etag) > 0 && sent.Version != conditionVersion:
		// Without an etag the service lets conditions be overwritten, and says so.
		return nil, invalidf("The policy has conditions: it can be replaced only by one of version %d.", conditionVersion)
	}
	kept := Policy{Version: max(sent.Version, plainVersion), AuditConfigs: sent.AuditConfigs, Etag: make([]byte, 8)}
	rand.Read(kept.Etag) // never fails: crypto/rand's promise
	principals := 0
	for _, b := range sent.Bindings {
		if err := r.checkBinding(b); err != nil {
			return nil, err
		}
		principals += len(b.Members)
		kept.add(b)
	}
	if principals > maxPrincipals {
		return nil, invalidf("The policy has %d principals, and may have %d.", principals, maxPrincipals)
	}
	return &kept, nil
}

func conditionVersionOf(r Resource) int {
	if r.plainOnly {
		return plainVersion
	}
	return conditionVersion
}

// add joins a binding to the one that has its role and condition.
func (p *Policy) add(b Binding) {
	if len(b.Members) == 0 {
		return
	}
	i := slices.IndexFunc(p.Bindings, func(have Binding) bool {
		return have.Role == b.Role && (have.Condition == nil) == (b.Condition == nil) && (b.Condition == nil || *have.Condition == *b.Condition)
	})
	if i < 0 {
		i = len(p.Bindings)
		p.Bindings = append(p.Bindings, Binding{Role: b.Role, Condition: b.Condition})
	}
	for _, member := range b.Members {
		if !slices.ContainsFunc(p.Bindings[i].Members, func(have string) bool { return strings.EqualFold(have, member) }) {
			p.Bindings[i].Members = append(p.Bindings[i].Members, member)
		}
	}
}
