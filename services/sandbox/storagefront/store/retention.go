package store

import (
	"encoding/json"
	"time"
)

// maxRetention is what a bucket's policy may ask for at most, in seconds: 100 years;
// https://cloud.google.com/storage/docs/bucket-lock#retention-policy.
const maxRetention = 3_155_760_000

// retentionPolicy is the field of a bucket that keeps its objects from being deleted
// or replaced before they are so old. It cannot be locked here.
type retentionPolicy struct {
	Period    seconds   `json:"retentionPeriod"`
	Effective time.Time `json:"effectiveTime"`
}

// newRetention is the field as a client sets it; a period that stays leaves the time
// from which it holds alone.
func newRetention(old, raw json.RawMessage, now time.Time) (json.RawMessage, error) {
	var was, p retentionPolicy
	if json.Unmarshal(raw, &p) != nil || p.Period < 1 || p.Period > maxRetention {
		return nil, invalidf("Invalid value for retentionPolicy.retentionPeriod: it is between 1 and %d seconds.", int64(maxRetention))
	}
	if old != nil && json.Unmarshal(old, &was) == nil && was.Period == p.Period {
		return old, nil
	}
	p.Effective = now.UTC()
	return json.Marshal(p)
}

// retention is how old an object of the bucket must be to go; 0: it may at once.
func (b *BucketState) retention() time.Duration {
	var p retentionPolicy
	if raw := b.Fields["retentionPolicy"]; raw == nil || json.Unmarshal(raw, &p) != nil {
		return 0
	}
	return p.Period.duration()
}

// retained refuses to let an object go that the bucket's policy keeps. What holds is
// its policy of the moment, for older objects too.
func (b *BucketState) retained(o *Object, now time.Time) error {
	retention := b.retention()
	until := o.Created.Add(retention)
	if retention == 0 || !until.After(now) {
		return nil
	}
	return refuse(Retained,
		"Object '%s/%s' is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until %s",
		o.Bucket, o.Name, until.UTC().Format(time.RFC3339Nano))
}

// Retention is how old an object of a bucket must be to go; 0 if it may at once, or there
// is no such bucket.
func (s *Store) Retention(bucketName string) time.Duration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if b := s.buckets[bucketName]; b != nil {
		return b.state.retention()
	}
	return 0
}
