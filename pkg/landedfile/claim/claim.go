// Package claim is what stands in the metadata of a claimed file: all that the
// pipeline knows of it between landing and archive or quarantine. The watcher writes it
// when a file is claimed, and an operator's command when one is brought back, so
// that any watcher can go on where either died.
package claim

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode"

	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

const (
	metaLandingName       = "landing_name"
	metaLandingNameQuoted = "landing_name_quoted" // in its stead, if a header cannot hold it
	metaLandingGeneration = "landing_generation"
	metaLandedAt          = "landed_at"
	metaClaimedAt         = "claimed_at"
	metaAnnouncedAt       = "announced_at"
	metaAnnouncements     = "announcements"
	metaRevision          = "revision"
	metaAcceptRefused     = "accept_refused"
	metaAcceptDuplicates  = "accept_duplicates"
	metaReadings          = "readings"
	metaReadAnnouncement  = "read_announcement"
	metaReadingAt         = "reading_at"
	metaFailedAt          = "failed_at"
	metaFailedAlone       = "failed_alone"
	metaFailure           = "failure"
	metaParsedAt          = "parsed_at"
	metaParseID           = "parse_id"
	metaReason            = "reason"
	metaChecksum          = "crc32c"
)

// Claim is a file in staging/.
type Claim struct {
	File          *pipelinev1.LandedFile
	Announcements int
	// Parsed says that the manifest is durable: the rest is up to writer and aggregator.
	Parsed bool
	// Readings counts the announcements for which a parser really began to read the file,
	// as far as parsers have noted it: see Begin.
	Readings int
	// Failure is why the last reading ended without a manifest, if its parser lived to
	// tell; FailedAlone that other files could be read since it first failed.
	Failure     string
	FailedAlone bool

	readAnnouncement int       // the last that Readings counts
	readingAt        time.Time // when a parser last said that it is at work
	failedAt         time.Time // when a reading first failed
	announcedAt      time.Time // zero: never
	metageneration   int64
}

// Metadata describes a landed file at the moment of its claim.
func Metadata(landed *storage.ObjectAttrs, now time.Time) map[string]string {
	key, name := metaLandingName, landed.Name
	if strings.ContainsFunc(name, unicode.IsControl) {
		// An object's metadata come as HTTP headers with its content, which a control
		// character would make unreadable.
		key, name = metaLandingNameQuoted, strconv.QuoteToASCII(name)
	}
	return map[string]string{
		key:                   name,
		metaLandingGeneration: strconv.FormatInt(landed.Generation, 10),
		metaLandedAt:          formatTime(landed.Created),
		metaClaimedAt:         formatTime(now),
	}
}

// AgainMetadata describes a file that was put away and is brought back: a higher
// revision that nobody has announced yet. When it landed stays, and with it its
// place among the other files.
func AgainMetadata(kept *storage.ObjectAttrs, revision int64, overrides *pipelinev1.Overrides, now time.Time) map[string]string {
	meta := maps.Clone(kept.Metadata)
	for _, key := range []string{
		metaAnnouncedAt, metaAnnouncements, metaReadings, metaReadAnnouncement, metaReadingAt, metaFailedAt, metaFailedAlone, metaFailure, metaAcceptRefused, metaAcceptDuplicates, metaParseID, metaReason,
		metaParsedAt, metaChecksum,
	} {
		delete(meta, key)
	}
	meta[metaClaimedAt] = formatTime(now)
	meta[metaRevision] = strconv.FormatInt(revision, 10)
	if overrides.GetAcceptRefused() {
		meta[metaAcceptRefused] = "true"
	}
	if overrides.GetAcceptDuplicates() {
		meta[metaAcceptDuplicates] = "true"
	}
	return meta
}

// DoneMetadata describes a file when it is put away. The checksum is that of the bytes that were
// read: whoever replaces them later, keeping the metadata, can be found out.
func DoneMetadata(staged *storage.ObjectAttrs, done *pipelinev1.FileCompleted) map[string]string {
	meta := make(map[string]string, len(staged.Metadata)+3)
	maps.Copy(meta, staged.Metadata)
	meta[metaParseID], meta[metaReason] = done.GetParseId(), done.GetReason()
	meta[metaChecksum] = checksum(staged)
	return meta
}

func checksum(object *storage.ObjectAttrs) string { return fmt.Sprintf("%08x", object.CRC32C) }

// PutAway is what the metadata of an object in archive/ or quarantine/ say of it.
type PutAway struct {
	ParseID string
	// IsAltered tells that the bytes are others than those that were put away; false for what
	// an earlier release has put away, which noted no checksum.
	IsAltered bool
}

// ReadPutAway reads the metadata of an object that was put away. An object without any was
// written by somebody else.
func ReadPutAway(object *storage.ObjectAttrs) PutAway {
	noted := object.Metadata[metaChecksum]
	return PutAway{object.Metadata[metaParseID], noted != "" && noted != checksum(object)}
}

// Revision is that of an object in staging/ or put away; one without a mark is
// the first.
func Revision(object *storage.ObjectAttrs) (int64, error) {
	mark := object.Metadata[metaRevision]
	if mark == "" {
		return 1, nil
	}
	revision, err := strconv.ParseInt(mark, 10, 64)
	if err != nil || revision < 1 {
		return 0, fmt.Errorf("metadata %s of %s is %q", metaRevision, object.Name, mark)
	}
	return revision, nil
}

// ParsedMetadata is the metadata by which a parser notes that the file's manifest is durable.
func ParsedMetadata(at time.Time) map[string]string {
	return map[string]string{metaParsedAt: formatTime(at)}
}

// IsParsed tells whether an object in staging/ has that note.
func IsParsed(staged *storage.ObjectAttrs) bool { return staged.Metadata[metaParsedAt] != "" }

// Read reads a claimed object's metadata.
func Read(staged *storage.ObjectAttrs) (*Claim, error) {
	meta := staged.Metadata
	generation, err := strconv.ParseInt(meta[metaLandingGeneration], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("metadata %s of %s: %w", metaLandingGeneration, staged.Name, err)
	}
	landedAt, err := readTime(staged, metaLandedAt)
	if err != nil {
		return nil, err
	}
	landingName := meta[metaLandingName]
	if quoted := meta[metaLandingNameQuoted]; quoted != "" {
		if landingName, err = strconv.Unquote(quoted); err != nil {
			return nil, fmt.Errorf("metadata %s of %s is %q: %w", metaLandingNameQuoted, staged.Name, quoted, err)
		}
	}
	claimedAt, err := readTime(staged, metaClaimedAt)
	if err != nil {
		return nil, err
	}
	revision, err := Revision(staged)
	if err != nil {
		return nil, err
	}
	c := &Claim{
		File: &pipelinev1.LandedFile{
			FileId:            topology.FileIDOfStaging(staged.Name),
			Kind:              topology.KindOf(landingName),
			Bucket:            staged.Bucket,
			LandingName:       landingName,
			LandingGeneration: generation,
			StagingName:       staged.Name,
			Bytes:             staged.Size,
			LandedAt:          timestamppb.New(landedAt),
			ClaimedAt:         timestamppb.New(claimedAt),
			Revision:          revision,
		},
		Parsed:         IsParsed(staged),
		metageneration: staged.Metageneration,
	}
	refused, duplicates := meta[metaAcceptRefused] == "true", meta[metaAcceptDuplicates] == "true"
	if refused || duplicates {
		c.File.Overrides = &pipelinev1.Overrides{AcceptRefused: refused, AcceptDuplicates: duplicates}
	}
	if n := meta[metaAnnouncements]; n != "" {
		if c.Announcements, err = strconv.Atoi(n); err != nil {
			return nil, fmt.Errorf("metadata %s of %s: %w", metaAnnouncements, staged.Name, err)
		}
		if c.announcedAt, err = readTime(staged, metaAnnouncedAt); err != nil {
			return nil, err
		}
	}
	return c, c.readReadings(staged)
}

// Patience is how long a file is left alone before it is announced (again).
type Patience struct {
	// Grace is that with a claim that was never announced.
	Grace time.Duration
	// Unparsed is that with a file that no parser has finished; it doubles with each
	// announcement.
	Unparsed time.Duration
	// Unloaded is that with a file that waits for writer and aggregator, which a second
	// reading would only keep busy; it doubles as well.
	Unloaded time.Duration
}

// AnnounceAt is when the file may be announced (again).
func (c *Claim) AnnounceAt(p Patience) time.Time {
	if c.Announcements == 0 {
		return c.File.GetClaimedAt().AsTime().Add(p.Grace)
	}
	wait := p.Unparsed
	if c.Parsed {
		wait = p.Unloaded
	}
	due := c.announcedAt.Add(wait << min(c.Announcements-1, 16))
	if alive := c.readingAt.Add(3 * NoteEvery); !c.Parsed && alive.After(due) {
		return alive // a parser is at work on it, and another one would only repeat that
	}
	return due
}

// announcement is the metadata that changes with one more announcement; an update
// leaves the rest as it is.
func (c *Claim) announcement(now time.Time) map[string]string {
	return map[string]string{
		metaAnnouncedAt:   formatTime(now),
		metaAnnouncements: strconv.Itoa(c.Announcements + 1),
	}
}

func readTime(object *storage.ObjectAttrs, key string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, object.Metadata[key])
	if err != nil {
		return time.Time{}, fmt.Errorf("metadata %s of %s: %w", key, object.Name, err)
	}
	return t, nil
}

func formatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
