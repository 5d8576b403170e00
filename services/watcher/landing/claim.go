package landing

import (
	"context"
	"errors"
	"fmt"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// claim moves one generation of a landed object to staging/ and announces it.
// Every step may have been done before, by this watcher or another: a
// precondition decides who did it, and the rest goes on from what is found.
func (s *Service) claim(ctx context.Context, name string, generation int64) (err error) {
	source := s.bucket.Object(name).Generation(generation)
	landed, err := source.Attrs(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil // claimed already, deleted, or overwritten by a generation with its own notification
	}
	if err != nil {
		return fmt.Errorf("look at %s#%d: %w", name, generation, err)
	}
	if !landed.Deleted.IsZero() {
		return nil // deleted or overwritten just the same, in a bucket that keeps versions
	}
	if landed.Size == 0 && s.now().Sub(landed.Created) < s.config.SweepGrace {
		return nil // a placeholder, perhaps, whose writer overwrites just this generation; the sweep comes back to it
	}
	fileID := identity.FileID(landed.Bucket, name, generation)
	ctx, span := s.tracer.StartFile(ctx, "claim file", fileID, 1)
	defer func() { span.Finish(err) }()
	stagingName := topology.StagingName(topology.KindOf(name), fileID, name)
	err = s.copy(ctx, source, stagingName, storage.Conditions{DoesNotExist: true}, claim.Metadata(landed, s.now()), landed)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil // as above, in between
	}
	if err != nil {
		return fmt.Errorf("claim %s#%d: %w", name, generation, err)
	}
	if err := remove(ctx, source); err != nil {
		return fmt.Errorf("claim %s#%d: %w", name, generation, err)
	}
	staged, err := s.bucket.Object(stagingName).Attrs(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil // a fast pipeline has put it away already
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", stagingName, err)
	}
	c, err := claim.Read(staged)
	if err != nil {
		return err
	}
	if c.Announcements > 0 {
		return nil
	}
	s.metrics.claim(ctx, c.File.GetKind(), landed.Size, s.now().Sub(landed.Created))
	s.log.InfoContext(ctx, "file claimed", "file_id", fileID, "name", name, "bytes", landed.Size)
	return c.Announce(ctx, s.bucket, s.filesLanded, s.now())
}

// copy copies one generation to a name in the state that condition asks for; if
// it is in another, the copy was made before.
func (s *Service) copy(ctx context.Context, source *storage.ObjectHandle, to string, condition storage.Conditions, metadata map[string]string, like *storage.ObjectAttrs) error {
	target := s.bucket.Object(to).If(condition)
	copier := target.CopierFrom(source)
	copier.ContentType = like.ContentType
	copier.ContentEncoding = like.ContentEncoding
	copier.Metadata = metadata
	if _, err := copier.Run(ctx); err != nil && !claim.IsPrecondition(err) {
		return fmt.Errorf("copy to %s: %w", to, err)
	}
	return nil
}

// remove deletes one generation; that it is gone already is what was wanted.
func remove(ctx context.Context, object *storage.ObjectHandle) error {
	if err := object.Delete(ctx); err != nil && !errors.Is(err, storage.ErrObjectNotExist) {
		return fmt.Errorf("delete %s: %w", object.ObjectName(), err)
	}
	return nil
}
