package store

import (
	"encoding/json"
	"slices"
	"time"
)

const (
	// defaultSoftDelete is what a bucket has whose maker does not say.
	defaultSoftDelete = 7 * 24 * time.Hour
	// A policy has no duration between none and minSoftDelete.
	minSoftDelete = 7 * 24 * time.Hour
	maxSoftDelete = 90 * 24 * time.Hour

	// expireEvery bounds how often soft-deleted objects are looked through for those
	// whose time is over. Until then they are hidden and cost their bytes.
	expireEvery = time.Hour
	// expireBatch bounds one journal line.
	expireBatch = 1000
)

// softDeletePolicy is the field of a bucket that says how long what was deleted can
// be restored.
type softDeletePolicy struct {
	Retention       seconds          `json:"retentionDurationSeconds"`
	Effective       time.Time        `json:"effectiveTime"`
	HardDeletePause *json.RawMessage `json:"hardDeletePause,omitempty"`
}

// newSoftDelete is the field as a client sets it; null is a policy of none. A
// duration that stays leaves the time from which it holds alone.
func newSoftDelete(old, raw json.RawMessage, now time.Time) (json.RawMessage, error) {
	var was, p softDeletePolicy
	if !isNull(raw) && json.Unmarshal(raw, &p) != nil || p.Retention != 0 && (p.Retention.duration() < minSoftDelete || p.Retention.duration() > maxSoftDelete) {
		return nil, invalidf("Invalid value for softDeletePolicy.retentionDurationSeconds: it is 0 or between %d and %d seconds.",
			int64(minSoftDelete.Seconds()), int64(maxSoftDelete.Seconds()))
	}
	if p.HardDeletePause != nil {
		return nil, refuse(Unserved, "the bucket field softDeletePolicy.hardDeletePause")
	}
	if old != nil && json.Unmarshal(old, &was) == nil && was.Retention == p.Retention && !was.Effective.IsZero() {
		return old, nil
	}
	p.Effective = now.UTC()
	return json.Marshal(p)
}

// softDelete is how long the bucket's deleted objects can be restored; 0: not at all.
// Each object keeps the duration of its own deletion, whatever the policy becomes.
func (b *BucketState) softDelete() time.Duration {
	var p softDeletePolicy
	if raw := b.Fields["softDeletePolicy"]; raw == nil || json.Unmarshal(raw, &p) != nil {
		return 0
	}
	return p.Retention.duration()
}

// restorable refuses calls on soft-deleted objects of a bucket that never has any.
func (b *bucket) restorable() error {
	if b.state.softDelete() == 0 && b.deleted.count == 0 {
		return refuse(NoSoftDelete, "The bucket %s has no soft delete policy.", b.state.Name)
	}
	return nil
}

// SoftDeleted finds a soft-deleted object that can still be restored. ref names its
// generation; its conditions do not count.
func (s *Store) SoftDeleted(ref Ref) (*Object, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.bucket(ref.Bucket)
	if err != nil {
		return nil, err
	}
	if err := b.restorable(); err != nil {
		return nil, err
	}
	o := b.deleted.get(ref.Name, *ref.Generation)
	if o == nil || o.expired(s.now()) {
		return nil, noObject(ref.Bucket, ref.Name)
	}
	return o, nil
}

func (o *Object) expired(now time.Time) bool {
	return !o.SoftDeleted.IsZero() && !o.HardDelete.After(now)
}

// expire ends what has been soft-deleted for long enough, at most once in expireEvery,
// and returns it. The lock is held. Nothing is announced: the deletion has been.
func (s *Store) expire(now time.Time) (gone []*Object, err error) {
	if now.Sub(s.expired) < expireEvery {
		return nil, nil
	}
	s.expired = now
	for name, b := range s.buckets {
		var over []*Object
		for o := range b.deleted.all {
			if o.expired(now) {
				over = append(over, o)
			}
		}
		for batch := range slices.Chunk(over, expireBatch) {
			rec := &record{In: name, Time: now.UTC()}
			for _, o := range batch {
				rec.Forget = append(rec.Forget, versionRef{o.Name, o.Generation})
			}
			if err := s.write(rec); err != nil {
				return gone, err
			}
			gone = append(gone, batch...)
		}
	}
	return gone, nil
}
