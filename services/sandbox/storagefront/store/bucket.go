package store

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
)

// BucketState is a bucket's own resource. It is immutable: a change makes a new value.
// Its JSON is the journal's.
type BucketState struct {
	Name           string    `json:"name"`
	Project        string    `json:"project"`
	Generation     int64     `json:"generation"`
	Metageneration int64     `json:"metageneration"`
	Created        time.Time `json:"created"`
	Updated        time.Time `json:"updated"`
	LastConfig     int64     `json:"last_config,omitempty"` // ids are not reused
	// Fields are those of the API's resource that a client may set, as it sent them.
	Fields map[string]json.RawMessage `json:"fields,omitempty"`
	Policy *iampolicy.Policy          `json:"policy,omitempty"` // nil: nobody has set it
}

// bucket is a bucket and what is in it.
type bucket struct {
	state    *BucketState // replaced, never modified
	configs  map[string]*NotificationConfig
	objects  liveIndex
	versions index // the noncurrent ones
	deleted  index // the soft-deleted ones
}

// counted is the bucket as conditions see it: a call on a bucket has conditions only on its
// metageneration.
func (b *BucketState) counted() (live, o *Object) {
	is := &Object{Metageneration: b.Metageneration}
	return is, is
}

// bucket finds a bucket. The lock is held.
func (s *Store) bucket(name string) (*bucket, error) {
	if b := s.buckets[name]; b != nil {
		return b, nil
	}
	return nil, errNoBucket
}

// AddBucket makes a bucket with the fields that a client sent; one whose maker does not
// speak of soft delete keeps what is deleted for seven days. It refuses bad names and
// fields, and a name that is taken.
func (s *Store) AddBucket(project, name string, fields map[string]json.RawMessage) (*BucketState, error) {
	if err := checkBucketName(name); err != nil {
		return nil, err
	}
	merged, err := patchBucket(nil, fields, s.now())
	if err != nil {
		return nil, err
	}
	if _, said := merged["softDeletePolicy"]; !said {
		policy := softDeletePolicy{Retention: seconds(defaultSoftDelete.Seconds()), Effective: s.now().UTC()}
		if merged["softDeletePolicy"], err = json.Marshal(policy); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[name] != nil {
		return nil, refuse(BucketExists, "Your previous request to create the named bucket succeeded and you already own it.")
	}
	now := s.now().UTC()
	state := &BucketState{
		Name: name, Project: project, Fields: merged,
		Generation: s.nextGeneration(now), Metageneration: 1, Created: now, Updated: now,
	}
	return state, s.write(&record{In: name, Time: now, Bucket: state})
}

// Bucket returns a bucket for a reader, if the conditions on its metageneration hold.
func (s *Store) Bucket(name string, cond Conditions) (*BucketState, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.bucket(name)
	if err != nil {
		return nil, err
	}
	return b.state, cond.checkRead(b.state.counted())
}

// Buckets returns a project's buckets by name.
func (s *Store) Buckets(project string) []*BucketState {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var states []*BucketState
	for _, b := range s.buckets {
		if b.state.Project == project {
			states = append(states, b.state)
		}
	}
	slices.SortFunc(states, func(a, b *BucketState) int { return cmp.Compare(a.Name, b.Name) })
	return states
}

// ChangeBucket merges the fields that a client sent into a bucket's: null deletes a
// field, labels merge key by key, everything else is replaced.
func (s *Store) ChangeBucket(name string, cond Conditions, changes map[string]json.RawMessage) (*BucketState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(name)
	if err != nil {
		return nil, err
	}
	if err := cond.checkWrite(b.state.counted()); err != nil {
		return nil, err
	}
	merged, err := patchBucket(b.state.Fields, changes, s.now())
	if err != nil {
		return nil, err
	}
	state := *b.state
	state.Fields = merged
	state.Metageneration++
	state.Updated = s.now().UTC()
	return &state, s.write(&record{In: name, Time: state.Updated, Bucket: &state})
}

// DropBucket deletes an empty bucket. What is soft-deleted in it goes with it: there
// is no bringing back buckets.
func (s *Store) DropBucket(name string, cond Conditions) error {
	stale, err := s.dropBucket(name, cond)
	s.discard(stale)
	return err
}

func (s *Store) dropBucket(name string, cond Conditions) (stale []*Object, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(name)
	if err != nil {
		return nil, err
	}
	if err := cond.checkWrite(b.state.counted()); err != nil {
		return nil, err
	}
	if b.objects.count+b.versions.count > 0 {
		return nil, errNotEmpty
	}
	if err := s.write(&record{In: name, Time: s.now().UTC(), DropBucket: true}); err != nil {
		return nil, err
	}
	return slices.Collect(b.deleted.all), nil
}
