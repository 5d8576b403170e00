// Package recall brings files back that were put away: a quarantined one is
// released, an archived one is read again. Its object is copied to staging/ as the
// next revision and announced; the services do the rest, as for any other file, and
// the new reading takes the place of the earlier one in a single transaction.
//
// Nothing is lost on the way: the object stays where it is until the watcher has
// put the new revision away, and a copy that is made but not announced is
// announced by the watcher's next sweep.
package recall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// ErrOnItsWay is a file that stands in staging/ already.
var ErrOnItsWay = errors.New("the file is on its way through the pipeline already")

// Client brings files back. It is for one goroutine.
type Client struct {
	config      cloud.Config
	bigquery    *bigquery.Client
	storage     *storage.Client
	bucket      *storage.BucketHandle
	pubsub      *pubsub.Client
	filesLanded *messaging.Publisher
	keeps       *int // stagingDays; nil: not asked yet
	// DryRun has Release and Reprocess look whether a file can be brought back, and not do it.
	DryRun bool
}

// Open opens the clients that cfg describes.
func Open(ctx context.Context, cfg cloud.Config) (_ *Client, err error) {
	c := &Client{config: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if c.bigquery, err = cfg.NewBigQuery(ctx); err != nil {
		return nil, err
	}
	if c.storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, err
	}
	c.bucket = c.storage.Bucket(cfg.Bucket)
	if c.pubsub, err = cfg.NewPubSub(ctx); err != nil {
		return nil, err
	}
	c.filesLanded = messaging.NewPublisher(c.pubsub, topology.TopicFilesLanded)
	return c, nil
}

// Close closes the clients.
func (c *Client) Close() error {
	var faults []error
	if c.filesLanded != nil {
		c.filesLanded.Stop()
	}
	if c.pubsub != nil {
		faults = append(faults, c.pubsub.Close())
	}
	if c.storage != nil {
		faults = append(faults, c.storage.Close())
	}
	if c.bigquery != nil {
		faults = append(faults, c.bigquery.Close())
	}
	return errors.Join(faults...)
}

// Release brings a quarantined file back. It is allowed what the reason of its
// quarantine asks for, what earlier revisions were allowed, and extra.
func (c *Client) Release(ctx context.Context, f File, extra *pipelinev1.Overrides) (revision int64, err error) {
	if f.Verdict != landedfile.Quarantined {
		return 0, fmt.Errorf("file %s is %s, not quarantined: reprocess it instead", f.ID, f.Verdict)
	}
	overrides := overridesOf(f)
	overrides.AcceptRefused = overrides.AcceptRefused || extra.GetAcceptRefused() || f.Reason == string(rules.MostlyRefused)
	overrides.AcceptDuplicates = overrides.AcceptDuplicates || extra.GetAcceptDuplicates() ||
		f.Reason == string(rules.DuplicateOrders) || f.Reason == string(rules.ContradictingRecords)
	return c.bringBack(ctx, f, overrides)
}

// Reprocess has a loaded file read again. It stays allowed what it was.
func (c *Client) Reprocess(ctx context.Context, f File) (revision int64, err error) {
	if f.Verdict != landedfile.Loaded {
		return 0, fmt.Errorf("file %s is %s, not loaded: release it instead", f.ID, f.Verdict)
	}
	return c.bringBack(ctx, f, overridesOf(f))
}

func overridesOf(f File) *pipelinev1.Overrides {
	words := strings.Split(f.Overrides, ",")
	return &pipelinev1.Overrides{
		AcceptRefused:    slices.Contains(words, landedfile.AcceptRefused),
		AcceptDuplicates: slices.Contains(words, landedfile.AcceptDuplicates),
	}
}

// bringBack copies the kept object to staging/ as the file's next revision and
// announces it. The copy is of the generation whose revision was looked at, and to
// a name that must not exist: of two operators at once one gets an error.
func (c *Client) bringBack(ctx context.Context, f File, overrides *pipelinev1.Overrides) (int64, error) {
	kept := KeptName(f)
	if err := c.checkAge(ctx, f, time.Now()); err != nil {
		return 0, err
	}
	object, err := c.bucket.Object(kept).Attrs(ctx)
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", kept, err)
	}
	before, err := claim.Read(object)
	if err != nil {
		return 0, fmt.Errorf("%w: without the marks of its claim it cannot be brought back; land it as a new file", err)
	}
	revision := max(landedfile.Revision(before.File), f.Revision) + 1
	if c.DryRun {
		return revision, nil
	}
	staging := c.bucket.Object(topology.StagingName(topology.KindOf(f.LandingName), f.ID, f.LandingName))
	copier := staging.If(storage.Conditions{DoesNotExist: true}).CopierFrom(c.bucket.Object(kept).Generation(object.Generation))
	copier.ContentType, copier.ContentEncoding = object.ContentType, object.ContentEncoding
	copier.Metadata = claim.AgainMetadata(object, revision, overrides, time.Now())
	staged, err := copier.Run(ctx)
	switch {
	case claim.IsPrecondition(err):
		return 0, fmt.Errorf("file %s: %w", f.ID, ErrOnItsWay)
	case err != nil:
		return 0, fmt.Errorf("copy %s to staging/: %w", kept, err)
	}
	claimed, err := claim.Read(staged)
	if err != nil {
		return 0, err
	}
	return revision, claimed.Announce(ctx, c.bucket, c.filesLanded, time.Now())
}

// checkAge refuses a file whose rows staging would drop as they arrive: its
// partitions are by the day of landing. Two days are kept for the way through.
func (c *Client) checkAge(ctx context.Context, f File, now time.Time) error {
	if c.keeps == nil {
		days, err := c.stagingDays(ctx)
		if err != nil {
			return err
		}
		c.keeps = &days
	}
	days := *c.keeps
	if days > 0 && now.Sub(f.LandedAt) > time.Duration(days-2)*24*time.Hour {
		return fmt.Errorf("file %s landed on %s, and staging keeps rows for %s from the landing: have it keep them longer first (pipelinectl provision --staging-days)",
			f.ID, f.LandedAt.UTC().Format(time.DateOnly), plural.Of(days, "day"))
	}
	return nil
}
