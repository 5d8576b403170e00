package store

import (
	"encoding/json"
	"time"
)

// An object that is replaced or deleted may leave something behind; where it does
// is the bucket's to say:
//
//   - a noncurrent version (versioning), which every call reaches by its generation.
//     https://cloud.google.com/storage/docs/object-versioning
//   - a soft-deleted object (softDeletePolicy), which can be listed and restored until
//     its time is over. https://cloud.google.com/storage/docs/soft-delete
//
// A version leaves one state for the next in the commit that made it leave, with its
// body where it was: only what nothing can bring back loses its body.

// exit is how a version stops being what it is.
type exit int

const (
	replaced  exit = iota // by a newer version, or by a deletion that names no generation
	destroyed             // by a deletion of this very generation, which leaves no noncurrent version
	renamed               // by a move, which leaves nothing: its bytes go on elsewhere
)

// departure is a version on its way out.
type departure struct {
	object *Object
	exit   exit
}

// leave is what remains of a version that goes, or nil, and the event that tells it.
// It refuses to let go what the bucket's retention keeps.
func (b *BucketState) leave(d departure, now time.Time) (*Object, string, error) {
	kept := *d.object
	if d.exit == replaced && d.object.Noncurrent.IsZero() && b.versioned() {
		kept.Noncurrent = now
		return &kept, eventArchive, nil
	}
	if err := b.retained(d.object, now); err != nil {
		return nil, "", err
	}
	if retention := b.softDelete(); retention > 0 && d.exit != renamed {
		kept.SoftDeleted, kept.HardDelete = now, now.Add(retention)
		return &kept, eventDelete, nil
	}
	return nil, eventDelete, nil
}

// versioned tells whether the bucket keeps noncurrent versions.
func (b *BucketState) versioned() bool {
	var v struct{ Enabled bool }
	return json.Unmarshal(b.Fields["versioning"], &v) == nil && v.Enabled
}

// version finds the live version of a name, or the one of a generation, live or not,
// under the store's lock; live, too, which is nil if there is none. Soft-deleted
// objects are no versions.
func (b *bucket) version(name string, generation *int64) (o, live *Object, err error) {
	live = b.objects.get(name)
	switch {
	case live != nil && (generation == nil || *generation == live.Generation):
		return live, live, nil
	case generation != nil:
		if o := b.versions.get(name, *generation); o != nil {
			return o, live, nil
		}
	}
	return nil, nil, noObject(b.state.Name, name)
}

// has tells whether o is still what it was when it was found, a soft-deleted object
// included.
func (b *bucket) has(o *Object) bool {
	switch {
	case !o.SoftDeleted.IsZero():
		return b.deleted.get(o.Name, o.Generation) == o
	case !o.Noncurrent.IsZero():
		return b.versions.get(o.Name, o.Generation) == o
	}
	return b.objects.get(o.Name) == o
}

// keep puts a version that left into its new state.
func (b *bucket) keep(o *Object) {
	if o.SoftDeleted.IsZero() {
		b.versions.put(o)
		return
	}
	b.versions.remove(o.Name, o.Generation)
	b.deleted.put(o)
}

// forget takes a version out that nothing is left of.
func (b *bucket) forget(v versionRef) {
	b.versions.remove(v.Name, v.Generation)
	b.deleted.remove(v.Name, v.Generation)
}

// everything is each object of the bucket that has a body.
func (b *bucket) everything(yield func(*Object) bool) {
	for _, x := range []*index{&b.objects.index, &b.versions, &b.deleted} {
		for o := range x.all {
			if !yield(o) {
				return
			}
		}
	}
}
