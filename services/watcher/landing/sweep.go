package landing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// sweepLoop sweeps at once and then on a timer until ctx is done.
func (s *Service) sweepLoop(ctx context.Context) {
	timer := time.NewTicker(s.config.SweepInterval)
	defer timer.Stop()
	for {
		s.turns.Beat()
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
	s.orphans.begin()
	landed := s.each(ctx, topology.Landing, func(ctx context.Context, landed *storage.ObjectAttrs) error {
		if s.config.IsIgnored(landed.Name) || s.now().Sub(landed.Created) < s.config.SweepGrace {
			return nil
		}
		return s.claim(ctx, landed.Name, landed.Generation)
	})
	staged := s.each(ctx, topology.Staging, s.resume)
	if staged == nil {
		s.orphans.end()
	}
	return errors.Join(landed, staged)
}

// resume announces a file in staging/ again when that is due, or gives it up. A
// file whose manifest is durable is never given up: it waits for the warehouse, and
// an outage, however long, must not quarantine it. Nor is it soon read again, as long
// as its turn may come: the aggregator asks for rows that are missing, and what is left
// is a manifest that was lost. What is no claimed file at all is left to a person.
func (s *Service) resume(ctx context.Context, staged *storage.ObjectAttrs) error {
	c, err := claim.Read(staged)
	if err != nil {
		if s.orphans.isNews(staged, s.now()) {
			s.metrics.stuck.Add(ctx, 1)
			s.log.ErrorContext(ctx, "object in staging is no claimed file and is left alone", "name", staged.Name, "error", err)
		}
		return nil
	}
	if s.now().Before(c.AnnounceAt(s.config.patience())) {
		return nil
	}
	ctx = telemetry.WithFile(ctx, c.File.GetFileId(), landedfile.Revision(c.File))
	s.log.WarnContext(ctx, "file is stuck", "file_id", c.File.GetFileId(), "announcements", c.Announcements, "parsed", c.Parsed)
	s.metrics.stuck.Add(ctx, 1)
	if c.IsLost(s.config.MaxAnnouncements) {
		return s.giveUp(ctx, c)
	}
	return c.Announce(ctx, s.bucket, s.filesLanded, s.now())
}

// each visits the objects under a prefix, several at once. A fault with one does
// not keep it from the others, and neither does an answer that never comes.
func (s *Service) each(ctx context.Context, prefix string, visit func(context.Context, *storage.ObjectAttrs) error) error {
	var group errgroup.Group
	group.SetLimit(s.config.MaxFiles)
	listing, cancel := context.WithCancel(ctx)
	defer cancel()
	objects := s.bucket.Objects(listing, &storage.Query{Prefix: prefix})
	for {
		late := time.AfterFunc(s.config.SweepTimeout, cancel)
		object, err := objects.Next()
		late.Stop()
		s.turns.Beat()
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
			ctx, cancel := context.WithTimeout(ctx, s.config.SweepTimeout)
			defer cancel()
			err := visit(ctx, object)
			s.turns.Beat()
			if err != nil {
				s.metrics.stuck.Add(ctx, 1)
				s.log.ErrorContext(ctx, "sweep of a file failed", "name", object.Name, "error", err)
				return err
			}
			return nil
		})
	}
}
