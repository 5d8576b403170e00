package claim

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
	"unicode"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

var patience = Patience{Grace: time.Minute, Unparsed: time.Hour, Unloaded: 24 * time.Hour}

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestAFileKeepsItsLandingThroughRevisions(t *testing.T) {
	t.Parallel()
	landed := &storage.ObjectAttrs{Name: "landing/orders/a.json", Generation: 7, Created: noon}
	staged := &storage.ObjectAttrs{
		Bucket: "b", Name: "staging/orders/id/a.json", Size: 3, Metageneration: 1, Metadata: Metadata(landed, noon.Add(time.Second)),
	}
	want := &pipelinev1.LandedFile{
		FileId: "id", Kind: pipelinev1.FileKind_FILE_KIND_ORDERS, Bucket: "b", LandingName: "landing/orders/a.json",
		LandingGeneration: 7, StagingName: "staging/orders/id/a.json", Bytes: 3,
		LandedAt: timestamppb.New(noon), ClaimedAt: timestamppb.New(noon.Add(time.Second)), Revision: 1,
	}
	first := read(t, staged)
	if diff := cmp.Diff(want, first.File, protocmp.Transform()); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
	if got, want := first.AnnounceAt(patience), noon.Add(time.Minute+time.Second); got != want {
		t.Errorf("first announced at %v, want %v", got, want)
	}

	maps.Copy(staged.Metadata, first.announcement(noon))
	maps.Copy(staged.Metadata, read(t, staged).announcement(noon))
	if got, want := read(t, staged).AnnounceAt(patience), noon.Add(2*time.Hour); got != want {
		t.Errorf("announced for the third time at %v, want %v", got, want)
	}
	maps.Copy(staged.Metadata, ParsedMetadata(noon))
	if got, want := read(t, staged).AnnounceAt(patience), noon.Add(48*time.Hour); got != want {
		t.Errorf("announced for the third time, though parsed, at %v, want %v", got, want)
	}

	kept := &storage.ObjectAttrs{Metadata: DoneMetadata(staged, &pipelinev1.FileCompleted{ParseId: "p", Reason: "mostly_refused"})}
	staged.Metadata = AgainMetadata(kept, 2, &pipelinev1.Overrides{AcceptRefused: true}, noon.Add(time.Hour))
	want.ClaimedAt, want.Revision = timestamppb.New(noon.Add(time.Hour)), 2
	want.Overrides = &pipelinev1.Overrides{AcceptRefused: true}
	again := read(t, staged)
	if diff := cmp.Diff(want, again.File, protocmp.Transform()); diff != "" {
		t.Errorf("brought back (-want +got):\n%s", diff)
	}
	if again.Announcements != 0 {
		t.Errorf("brought back with %d announcements", again.Announcements)
	}
	for _, key := range []string{metaParseID, metaReason} {
		if value, ok := staged.Metadata[key]; ok {
			t.Errorf("%s of the earlier revision stays: %q", key, value)
		}
	}
}

// TestNamesThatNoHeaderHolds: what an object's metadata say of its name is also a header.
func TestNamesThatNoHeaderHolds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"landing/orders/a.json", "landing/orders/märz \"1\".json", "landing/orders/nul\x00 bell\a c1\u0085 \".json", "landing/orders/%00.json"} {
		staged := &storage.ObjectAttrs{Name: "staging/orders/id/a.json", Metadata: Metadata(&storage.ObjectAttrs{Name: name, Created: noon}, noon)}
		maps.Copy(staged.Metadata, read(t, staged).Fail(1, fmt.Errorf("open %s", name), noon, noon))
		for key, value := range staged.Metadata {
			if strings.ContainsFunc(value, unicode.IsControl) {
				t.Errorf("metadata %s is %q", key, value)
			}
		}
		if got := read(t, staged).File.GetLandingName(); got != name {
			t.Errorf("%q is read as %q", name, got)
		}
		if kind := read(t, staged).File.GetKind(); kind != pipelinev1.FileKind_FILE_KIND_ORDERS {
			t.Errorf("%q is of kind %v", name, kind)
		}
	}
}

// TestAttemptsAreOfTheLatestAnnouncement: what piled up while no parser was there is read at
// a time, over and over, and is one attempt.
func TestAttemptsAreOfTheLatestAnnouncement(t *testing.T) {
	t.Parallel()
	staged := &storage.ObjectAttrs{
		Name: "staging/orders/id/a.json", Metadata: Metadata(&storage.ObjectAttrs{Name: "landing/orders/a.json", Created: noon}, noon),
	}
	announce := func() { maps.Copy(staged.Metadata, read(t, staged).announcement(noon)) }
	begin := func(announcement int) { maps.Copy(staged.Metadata, read(t, staged).Begin(announcement, noon)) }
	for range 6 {
		announce()
	}
	for range 3 {
		for announcement := 1; announcement <= 6; announcement++ {
			begin(announcement)
		}
	}
	if c := read(t, staged); c.Readings != 1 || c.IsLost(2) {
		t.Errorf("%d attempts after an outage, want one", c.Readings)
	}
	begin(7) // its parser is faster than the note of the announcement
	announce()
	begin(7)
	begin(6)
	if c := read(t, staged); c.Readings != 2 || !c.IsLost(2) || c.IsLost(3) {
		t.Errorf("%d attempts, want two", c.Readings)
	}

	// What fails is lost only if other files could be read since it first failed.
	maps.Copy(staged.Metadata, read(t, staged).Fail(7, errors.New("no key"), noon.Add(-time.Hour), noon))
	if c := read(t, staged); c.Failure != "no key" || c.IsLost(2) {
		t.Errorf("lost for %q, while nothing can be read", c.Failure)
	}
	maps.Copy(staged.Metadata, read(t, staged).Fail(7, errors.New("no key"), noon.Add(time.Minute), noon.Add(time.Hour)))
	if c := read(t, staged); !c.IsLost(2) || c.Readings != 2 {
		t.Errorf("not lost, though others are read, after %d attempts", c.Readings)
	}
}

func TestMetadataThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, key := range []string{metaLandingGeneration, metaLandingNameQuoted, metaLandedAt, metaClaimedAt, metaRevision, metaAnnouncements} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			meta := Metadata(&storage.ObjectAttrs{Name: "landing/orders/a.json", Created: noon}, noon)
			meta[key] = "x"
			if c, err := Read(&storage.ObjectAttrs{Name: "staging/orders/id/a.json", Metadata: meta}); err == nil {
				t.Errorf("read as %v", c)
			}
		})
	}
}

func read(t *testing.T, staged *storage.ObjectAttrs) *Claim {
	t.Helper()
	c, err := Read(staged)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
