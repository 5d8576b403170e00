package store

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
)

// Policy is a bucket's allow policy as a reader of that version is shown it; one that
// nobody has set has what every new bucket has.
func (s *Store) Policy(bucketName string, version int) (*iampolicy.Policy, error) {
	state, err := s.Bucket(bucketName, Conditions{})
	if err != nil {
		return nil, err
	}
	shown, err := state.takes().Get(state.policy(), version)
	return shown, policyRefusal(err)
}

// SetPolicy replaces a bucket's policy and returns what is kept. It leaves the
// bucket's metageneration alone: that counts changes of the bucket's own metadata.
func (s *Store) SetPolicy(bucketName string, sent iampolicy.Policy) (*iampolicy.Policy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	kept, err := b.state.takes().Set(b.state.policy(), sent)
	if err != nil {
		return nil, policyRefusal(err)
	}
	if b.state.closed() && slices.ContainsFunc(kept.Bindings, func(b iampolicy.Binding) bool {
		return slices.ContainsFunc(b.Members, func(m string) bool { return slices.Contains(iampolicy.Public, m) })
	}) {
		return nil, refuse(PublicAccess, "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced.")
	}
	state := *b.state
	state.Policy = kept
	return kept, s.write(&record{In: bucketName, Time: s.now().UTC(), Bucket: &state})
}

// takes is what a bucket takes of a policy: conditions need uniform access.
func (b *BucketState) takes() iampolicy.Resource {
	var access struct {
		Uniform struct{ Enabled bool } `json:"uniformBucketLevelAccess"`
	}
	if json.Unmarshal(b.Fields["iamConfiguration"], &access) != nil || !access.Uniform.Enabled {
		return iampolicy.Bucket.WithoutConditions()
	}
	return iampolicy.Bucket
}

func (b *BucketState) policy() *iampolicy.Policy {
	if b.Policy != nil {
		return b.Policy
	}
	return &iampolicy.Policy{Version: 1, Etag: []byte{8, 1}, Bindings: []iampolicy.Binding{
		{Role: "roles/storage.legacyBucketOwner", Members: []string{"projectEditor:" + b.Project, "projectOwner:" + b.Project}},
		{Role: "roles/storage.legacyBucketReader", Members: []string{"projectViewer:" + b.Project}},
	}}
}

// closed tells whether the bucket prevents public access.
func (b *BucketState) closed() bool {
	var access struct {
		Prevention string `json:"publicAccessPrevention"`
	}
	return json.Unmarshal(b.Fields["iamConfiguration"], &access) == nil && access.Prevention == "enforced"
}

// policyRefusal gives a refusal of package iampolicy the form of Cloud Storage's, whose
// word for a stale policy is a precondition that does not hold.
func policyRefusal(err error) error {
	if _, stale := errors.AsType[*iampolicy.StaleError](err); stale {
		return errCondition
	}
	if invalid, ok := errors.AsType[*iampolicy.InvalidError](err); ok {
		return invalidf("%s", invalid)
	}
	return err
}
