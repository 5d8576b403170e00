package store

import "fmt"

// Kind is why the store refuses.
type Kind int

// The kinds of refusals. What each means over HTTP is the front's to say.
const (
	Invalid     Kind = iota + 1 // what was sent breaks a rule
	Unserved                    // the real service has what was sent; this one does not
	NameMissing                 // an object needs a name
	NoBucket
	NoObject
	NoConfig  // no such notification config
	NoSession // no such resumable session, or no longer
	BucketExists
	BucketNotEmpty
	ConditionNotMet // a precondition does not hold
	NotModified     // the reader has what it asks for
	PublicAccess    // the bucket is closed to everybody
	Retained        // the bucket's retention keeps the object
	NoSoftDelete    // the bucket keeps nothing that was deleted
)

// Refusal is the store's no: nothing has changed, and asking again does not help. Every
// other error is a fault, of the disk if a syscall.Errno is in it.
type Refusal struct {
	Kind    Kind
	message string
}

// Error is the reason in the real service's words; of what is Unserved, its name.
func (r *Refusal) Error() string { return r.message }

var (
	errNoBucket    = &Refusal{NoBucket, "The specified bucket does not exist."}
	errNoSession   = &Refusal{NoSession, "No such upload session."}
	errCondition   = &Refusal{ConditionNotMet, "At least one of the pre-conditions you specified did not hold."}
	errNotModified = &Refusal{NotModified, "Not Modified"}
	// errNotEmpty refuses to delete a bucket. What is soft-deleted does not count.
	errNotEmpty = &Refusal{BucketNotEmpty, "The bucket you tried to delete is not empty."}
)

func refuse(kind Kind, format string, args ...any) error {
	return &Refusal{kind, fmt.Sprintf(format, args...)}
}

func invalidf(format string, args ...any) error { return refuse(Invalid, format, args...) }

func noObject(bucket, name string) error {
	return refuse(NoObject, "No such object: %s/%s", bucket, name)
}
