package store

import "time"

// record is one line of the journal: one atomic change. Replaying the records
// in order rebuilds the store.
type record struct {
	In   string    `json:"in,omitempty"` // the bucket that the change is in
	Time time.Time `json:"time,omitzero"`

	Bucket     *BucketState        `json:"bucket,omitempty"` // made or changed
	DropBucket bool                `json:"drop_bucket,omitempty"`
	Config     *NotificationConfig `json:"config,omitempty"`
	DropConfig string              `json:"drop_config,omitempty"`

	Put    *Object      `json:"put,omitempty"`    // live
	Remove []string     `json:"remove,omitempty"` // names of live objects
	Keep   []*Object    `json:"keep,omitempty"`   // what is noncurrent or soft-deleted from now on
	Forget []versionRef `json:"forget,omitempty"` // what was and is gone for good
	Events []mark       `json:"events,omitempty"` // what this change announces
	Sent   int64        `json:"sent,omitempty"`   // an event that need not be delivered any more

	// Only in snapshots:
	Counters *counters `json:"counters,omitempty"`
	Pending  *Event    `json:"pending,omitempty"`
	End      bool      `json:"end,omitempty"`
}

// kept is what rec makes of a version that is not live.
func (rec *record) kept(v versionRef) *Object {
	for _, o := range rec.Keep {
		if (versionRef{o.Name, o.Generation}) == v {
			return o
		}
	}
	return nil
}

// counters are the numbers that must never run backwards.
type counters struct {
	Generation int64 `json:"generation"`
	Event      int64 `json:"event"`
}

// mark is an event in the record that caused it: what the record itself does
// not tell. The rest is derived when the record is applied, live or replayed.
type mark struct {
	ID     int64  `json:"id"`
	Type   string `json:"type"`
	Config string `json:"config"`
	Name   string `json:"name"` // the object concerned; of a deletion, the one that went
	// Generation is of a version that is not live: before the change, or after it.
	Generation int64 `json:"generation,omitempty"`
}

// versionRef names one version.
type versionRef struct {
	Name       string `json:"name"`
	Generation int64  `json:"generation"`
}

// Event is one notification that is still to be delivered.
type Event struct {
	ID            int64     `json:"id"`
	Type          string    `json:"type"`
	Bucket        string    `json:"bucket"`
	Config        string    `json:"config"`
	Time          time.Time `json:"time"`
	Object        *Object   `json:"object"` // as it was at the event
	Overwrote     int64     `json:"overwrote,omitempty"`
	OverwrittenBy int64     `json:"overwritten_by,omitempty"`
}
