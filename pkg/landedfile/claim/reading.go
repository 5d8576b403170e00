package claim

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"cloud.google.com/go/storage"
)

// NoteEvery is how often a parser notes that it is at work on a file. Cloud Storage lets
// an object's metadata be written once a second.
const NoteEvery = time.Minute

// maxFailure bounds the text of a failure: all metadata of an object may have 8 KiB.
const maxFailure = 500

// The watcher announces a file again that does not get on, and gives it up after so many
// attempts. What counts as one is an announcement for which a parser began to read, not
// the announcement: while no parser is there, announcements pile up, and no file must be
// given up for it. So parsers note on the object that they read it. The first reading of
// a file is not noted until it has taken NoteEvery, because an update costs as much as
// all else that a small file asks of the bucket; a parser that dies before leaves a
// message that is delivered again, and what is delivered or announced again is noted
// first. What cannot be written to the object is not counted, and the file waits.

// Begin is the metadata by which a parser notes that it reads the file because of this
// announcement, at the beginning and again while it is at work. Only the latest one counts,
// and once: after an outage of parsers all that piled up are read at a time, and are one
// attempt.
func (c *Claim) Begin(announcement int, now time.Time) map[string]string {
	meta := map[string]string{metaReadingAt: formatTime(now)}
	if announcement > c.readAnnouncement && announcement >= c.Announcements {
		meta[metaReadings] = strconv.Itoa(c.Readings + 1)
		meta[metaReadAnnouncement] = strconv.Itoa(announcement)
	}
	return meta
}

// Fail is the metadata by which a parser notes that it leaves the file to a later
// announcement. lastRead is when it last read any other file to its end: only what fails
// while others do not is the file's own fault.
func (c *Claim) Fail(announcement int, cause error, lastRead, now time.Time) map[string]string {
	meta := c.Begin(announcement, now)
	meta[metaReadingAt] = "" // nobody is at work on it
	first := c.failedAt
	if first.IsZero() {
		first = now
		meta[metaFailedAt] = formatTime(now)
	}
	if lastRead.After(first) {
		meta[metaFailedAlone] = "true"
	}
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' ' // it may quote anything, and metadata are read as headers
		}
		return r
	}, cause.Error())
	meta[metaFailure] = strings.ToValidUTF8(text[:min(len(text), maxFailure)], "")
	return meta
}

// IsLost tells whether a file has to be given up: so many attempts at it, each after a longer
// wait than the one before, have failed alone or have killed their parsers.
func (c *Claim) IsLost(attempts int) bool {
	return !c.Parsed && c.Readings >= attempts && (c.Failure == "" || c.FailedAlone)
}

// NoteReading writes what note makes of the claim to the waiting object. Nothing is
// written to one that is gone or of another revision by now.
func NoteReading(ctx context.Context, bucket *storage.BucketHandle, name string, revision int64, note func(*Claim) map[string]string) error {
	for {
		object := bucket.Object(name)
		staged, err := object.Attrs(ctx)
		if errors.Is(err, storage.ErrObjectNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look at %s: %w", name, err)
		}
		c, err := Read(staged)
		if err != nil {
			return err
		}
		if c.File.GetRevision() != revision {
			return nil
		}
		_, err = object.If(storage.Conditions{GenerationMatch: staged.Generation, MetagenerationMatch: staged.Metageneration}).
			Update(ctx, storage.ObjectAttrsToUpdate{Metadata: note(c)})
		if err == nil || errors.Is(err, storage.ErrObjectNotExist) {
			return nil
		}
		if !IsPrecondition(err) {
			return fmt.Errorf("note the reading of %s: %w", name, err)
		}
	}
}

// readReadings reads what parsers have noted.
func (c *Claim) readReadings(staged *storage.ObjectAttrs) (err error) {
	meta := staged.Metadata
	for key, number := range map[string]*int{metaReadings: &c.Readings, metaReadAnnouncement: &c.readAnnouncement} {
		if meta[key] == "" {
			continue
		}
		if *number, err = strconv.Atoi(meta[key]); err != nil {
			return fmt.Errorf("metadata %s of %s: %w", key, staged.Name, err)
		}
	}
	for key, at := range map[string]*time.Time{metaReadingAt: &c.readingAt, metaFailedAt: &c.failedAt} {
		if meta[key] == "" {
			continue
		}
		if *at, err = readTime(staged, key); err != nil {
			return err
		}
	}
	c.Failure, c.FailedAlone = meta[metaFailure], meta[metaFailedAlone] == "true"
	return nil
}
