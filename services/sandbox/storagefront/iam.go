package storagefront

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
)

// errPublic refuses to show a bucket to everybody that is closed to them.
var errPublic = &apiError{http.StatusPreconditionFailed, "conditionNotMet",
	"The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced."}

// policyResource is a policy as the JSON API shows it.
type policyResource struct {
	Kind       string `json:"kind"`
	ResourceID string `json:"resourceId"`
	*iampolicy.Policy
}

// takes is what a bucket takes of a policy: conditions need uniform access.
func (b *bucketState) takes() iampolicy.Resource {
	var access struct {
		Uniform struct{ Enabled bool } `json:"uniformBucketLevelAccess"`
	}
	if json.Unmarshal(b.Fields["iamConfiguration"], &access) != nil || !access.Uniform.Enabled {
		return iampolicy.Bucket.WithoutConditions()
	}
	return iampolicy.Bucket
}

// policy is the bucket's; one that nobody has set has what every new bucket has.
func (b *bucketState) policy() *iampolicy.Policy {
	if b.Policy != nil {
		return b.Policy
	}
	return &iampolicy.Policy{Version: 1, Etag: []byte{8, 1}, Bindings: []iampolicy.Binding{
		{Role: "roles/storage.legacyBucketOwner", Members: []string{"projectEditor:" + b.Project, "projectOwner:" + b.Project}},
		{Role: "roles/storage.legacyBucketReader", Members: []string{"projectViewer:" + b.Project}},
	}}
}

func (s *Server) writePolicy(w http.ResponseWriter, bucketName string, p *iampolicy.Policy) {
	writeJSON(w, http.StatusOK, policyResource{"storage#policy", "projects/_/buckets/" + bucketName, p})
}

func (s *Server) getPolicy(w http.ResponseWriter, q url.Values, bucketName string) error {
	version := 0
	if v := q.Get("optionsRequestedPolicyVersion"); v != "" {
		var err error
		if version, err = strconv.Atoi(v); err != nil {
			return invalidf("Invalid value for optionsRequestedPolicyVersion: %q", v)
		}
	}
	state, err := s.store.bucket(bucketName, conditions{})
	if err != nil {
		return err
	}
	shown, err := state.takes().Get(state.policy(), version)
	if err != nil {
		return policyError(err)
	}
	s.writePolicy(w, bucketName, shown)
	return nil
}

func (s *Server) setPolicy(w http.ResponseWriter, r *http.Request, bucketName string) error {
	var sent iampolicy.Policy
	if err := readJSON(r, &sent); err != nil {
		return err
	}
	kept, err := s.store.setPolicy(bucketName, sent)
	if err != nil {
		return policyError(err)
	}
	s.writePolicy(w, bucketName, kept)
	return nil
}

// setPolicy leaves the bucket's metageneration alone: it counts changes of the
// bucket's own metadata.
func (s *store) setPolicy(bucketName string, sent iampolicy.Policy) (*iampolicy.Policy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucketName]
	if b == nil {
		return nil, errNoBucket
	}
	kept, err := b.state.takes().Set(b.state.policy(), sent)
	if err != nil {
		return nil, err
	}
	if b.state.closed() && slices.ContainsFunc(kept.Bindings, func(b iampolicy.Binding) bool {
		return slices.ContainsFunc(b.Members, func(m string) bool { return slices.Contains(iampolicy.Public, m) })
	}) {
		return nil, errPublic
	}
	state := *b.state
	state.Policy = kept
	return kept, s.write(&record{In: bucketName, Time: s.now().UTC(), Bucket: &state})
}

// closed tells whether the bucket prevents public access.
func (b *bucketState) closed() bool {
	var access struct {
		Prevention string `json:"publicAccessPrevention"`
	}
	return json.Unmarshal(b.Fields["iamConfiguration"], &access) == nil && access.Prevention == "enforced"
}

// testPermissions answers all that is asked for: nobody who calls is authenticated.
func (s *Server) testPermissions(w http.ResponseWriter, q url.Values, bucketName, verb string) error {
	if verb != "testPermissions" {
		return unservedf("iam/%s", verb)
	}
	if err := iampolicy.CheckPermissions(q["permissions"]); err != nil {
		return policyError(err)
	}
	if _, err := s.store.bucket(bucketName, conditions{}); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"kind": "storage#testIamPermissionsResponse", "permissions": q["permissions"]})
	return nil
}

// policyError gives a refusal of package iampolicy the form of this API, whose word
// for a stale policy is a precondition that does not hold.
func policyError(err error) error {
	if _, stale := errors.AsType[*iampolicy.StaleError](err); stale {
		return errPrecondition
	}
	if invalid, ok := errors.AsType[*iampolicy.InvalidError](err); ok {
		return invalidf("%s", invalid)
	}
	return err
}
