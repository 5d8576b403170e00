package landing

import (
	"fmt"
	"strconv"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Metadata of a claimed object: all that the watcher knows of a file, so that
// any watcher can go on where another died.
const (
	metaLandingName       = "landing_name"
	metaLandingGeneration = "landing_generation"
	metaLandedAt          = "landed_at"
	metaClaimedAt         = "claimed_at"
	metaAnnouncedAt       = "announced_at"
	metaAnnouncements     = "announcements"
)

// Parsed files carry topology.MetaParsedAt as well, which the parser notes.

// claimed is a file in staging/.
type claimed struct {
	file           *pipelinev1.LandedFile
	metageneration int64
	announcedAt    time.Time // zero: never
	announcements  int
	parsed         bool // its manifest is durable: the rest is up to writer and aggregator
}

// claimMetadata describes a file at the moment of its claim.
func claimMetadata(landed *storage.ObjectAttrs, now time.Time) map[string]string {
	return map[string]string{
		metaLandingName:       landed.Name,
		metaLandingGeneration: strconv.FormatInt(landed.Generation, 10),
		metaLandedAt:          formatTime(landed.Created),
		metaClaimedAt:         formatTime(now),
	}
}

// readClaim reads a claimed object's metadata.
func readClaim(staged *storage.ObjectAttrs) (*claimed, error) {
	meta := staged.Metadata
	generation, err := strconv.ParseInt(meta[metaLandingGeneration], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("metadata %s of %s: %w", metaLandingGeneration, staged.Name, err)
	}
	landedAt, err := time.Parse(time.RFC3339Nano, meta[metaLandedAt])
	if err != nil {
		return nil, fmt.Errorf("metadata %s of %s: %w", metaLandedAt, staged.Name, err)
	}
	claimedAt, err := time.Parse(time.RFC3339Nano, meta[metaClaimedAt])
	if err != nil {
		return nil, fmt.Errorf("metadata %s of %s: %w", metaClaimedAt, staged.Name, err)
	}
	c := &claimed{
		file: &pipelinev1.LandedFile{
			FileId:            topology.FileIDOfStaging(staged.Name),
			Kind:              topology.KindOf(meta[metaLandingName]),
			Bucket:            staged.Bucket,
			LandingName:       meta[metaLandingName],
			LandingGeneration: generation,
			StagingName:       staged.Name,
			Bytes:             staged.Size,
			LandedAt:          timestamppb.New(landedAt),
			ClaimedAt:         timestamppb.New(claimedAt),
		},
		metageneration: staged.Metageneration,
		parsed:         meta[topology.MetaParsedAt] != "",
	}
	if n := meta[metaAnnouncements]; n != "" {
		if c.announcements, err = strconv.Atoi(n); err != nil {
			return nil, fmt.Errorf("metadata %s of %s: %w", metaAnnouncements, staged.Name, err)
		}
		if c.announcedAt, err = time.Parse(time.RFC3339Nano, meta[metaAnnouncedAt]); err != nil {
			return nil, fmt.Errorf("metadata %s of %s: %w", metaAnnouncedAt, staged.Name, err)
		}
	}
	return c, nil
}

// announcement is the metadata that changes with one more announcement; an update
// leaves the rest as it is.
func (c *claimed) announcement(now time.Time) map[string]string {
	return map[string]string{
		metaAnnouncedAt:   formatTime(now),
		metaAnnouncements: strconv.Itoa(c.announcements + 1),
	}
}

// announceAt is when the file may be announced (again): a claim that was never
// announced after grace, an announced one after stuckAfter, doubling each time.
func (c *claimed) announceAt(grace, stuckAfter time.Duration) time.Time {
	if c.announcements == 0 {
		return c.file.GetClaimedAt().AsTime().Add(grace)
	}
	return c.announcedAt.Add(stuckAfter << min(c.announcements-1, 16))
}

func formatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
