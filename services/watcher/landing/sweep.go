package landing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// sweepLoop sweeps at once and then on a timer until ctx is done.
func (s *Service) sweepLoop(ctx context.Context) {
	timer := time.NewTicker(s.config.SweepInterval)
	defer timer.Stop()
	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "sweep failed", "error", err)
		}
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweep does for every file what a lost notification or a crash left undone.
func (s *Service) sweep(ctx context.Context) error {
	return errors.Join(
		s.each(ctx, topology.Landing, func(ctx context.Context, landed *storage.ObjectAttrs) error {
			if s.now().Sub(landed.Created) < s.config.SweepGrace {
				return nil
			}
			return s.claim(ctx, landed.Name, landed.Generation)
		}),
		s.each(ctx, topology.Staging, s.resume),
	)
}

// resume announces a file in staging/ again when that is due, or gives it up. A
// file whose manifest is durable is never given up: it waits for the warehouse, and
// an outage, however long, must not quarantine it. Nor is it soon read again, as long
// as its turn may come: the aggregator asks for rows that are missing, and what is left
// is a manifest that was lost.
func (s *Service) resume(ctx context.Context, staged *storage.ObjectAttrs) error {
	c, err := claim.Read(staged)
	if err != nil {
		return err
	}
	if s.now().Before(c.AnnounceAt(s.config.patience())) {
		return nil
	}
	ctx = telemetry.WithFile(ctx, c.File.GetFileId(), topology.Revision(c.File))
	s.log.WarnContext(ctx, "file is stuck", "file_id", c.File.GetFileId(), "announcements", c.Announcements, "parsed", c.Parsed)
	s.metrics.stuck.Add(ctx, 1)
	if c.Announcements >= s.config.MaxAnnouncements && !c.Parsed {
		return s.giveUp(ctx, c)
	}
	return c.Announce(ctx, s.bucket, s.filesLanded, s.now())
}

// each visits the objects under a prefix, several at once. A fault with one does
// not keep it from the others.
func (s *Service) each(ctx context.Context, prefix string, visit func(context.Context, *storage.ObjectAttrs) error) error {
	var group errgroup.Group
	group.SetLimit(s.config.MaxFiles)
	objects := s.bucket.Objects(ctx, &storage.Query{Prefix: prefix})
	for {
		object, err := objects.Next()
		if errors.Is(err, iterator.Done) {
			return group.Wait()
		}
		if err != nil {
			return errors.Join(fmt.Errorf("list %s: %w", prefix, err), group.Wait())
		}
		if topology.IsFolder(object.Name) {
			continue
		}
		group.Go(func() error {
			if err := visit(ctx, object); err != nil {
				s.log.ErrorContext(ctx, "sweep of a file failed", "name", object.Name, "error", err)
				return err
			}
			return nil
		})
	}
}
