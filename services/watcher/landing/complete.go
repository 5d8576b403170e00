package landing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// completions puts files away whose fate is durable in the ledger.
type completions struct{ *Service }

// lately is how recent a file must be that was put away, for the bucket to count as one
// that can be written to.
const lately = time.Minute

// Handle implements messaging.Handler for files-completed. An object that can be neither
// read nor moved must not keep a place from others for ever. While nothing can be put away,
// that is the bucket's fault and is waited out; when others can, the file is left in
// staging/, where the sweep finds it: what is announced again is completed again.
func (s completions) Handle(ctx context.Context, m *pubsub.Message) error {
	working, cancel := context.WithTimeout(ctx, s.config.SweepTimeout)
	defer cancel()
	err := s.complete(working, m)
	switch {
	case err == nil, messaging.IsPermanent(err):
		return err
	case messaging.DeliveryAttempt(m) < deliveries:
		return messaging.Later(err)
	case time.Since(time.Unix(0, s.lastPut.Load())) < lately:
		s.log.ErrorContext(ctx, "file left in staging", "file_id", m.Attributes[topology.AttrFileID], "error", err)
		return nil
	}
	return err
}

func (s completions) complete(ctx context.Context, m *pubsub.Message) (err error) {
	var done pipelinev1.FileCompleted
	if err := proto.Unmarshal(m.Data, &done); err != nil {
		return messaging.Permanent(fmt.Errorf("decode FileCompleted: %w", err))
	}
	file := done.GetFile()
	ctx, span := s.tracer.StartFile(ctx, "put file away", file.GetFileId(), done.GetRevision())
	defer func() { span.Finish(err) }()
	target, other, err := finalNames(&done)
	if err != nil {
		return messaging.Permanent(err)
	}
	staged, err := s.bucket.Object(file.GetStagingName()).Attrs(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil // put away already
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", file.GetStagingName(), err)
	}
	revision, err := claim.Revision(staged)
	if err != nil {
		return err
	}
	if revision > done.GetRevision() {
		return nil // an old announcement: the file has been brought back since
	}
	if err := s.putAway(ctx, staged, revision, target, other, &done); err != nil {
		return fmt.Errorf("put %s away: %w", file.GetStagingName(), err)
	}
	s.lastPut.Store(time.Now().UnixNano())
	s.metrics.put(ctx, &done)
	s.log.InfoContext(ctx, "file put away", "file_id", file.GetFileId(), "name", target,
		"revision", revision, "reason", done.GetReason())
	return nil
}

// putAway moves a file from staging/ to its last place. What an earlier revision
// left there, or in the place of the other verdict, goes first replaced and then
// removed; the object in staging/ goes last, so that a crash leaves work to do
// and never a file without an object.
func (s *Service) putAway(ctx context.Context, staged *storage.ObjectAttrs, revision int64, target, other string, done *pipelinev1.FileCompleted) error {
	source := s.bucket.Object(staged.Name).Generation(staged.Generation)
	condition := storage.Conditions{DoesNotExist: true}
	if revision > 1 {
		earlier, err := s.earlier(ctx, target, revision)
		if err != nil {
			return err
		}
		if earlier != nil {
			condition = storage.Conditions{GenerationMatch: earlier.Generation}
		}
	}
	if err := s.copy(ctx, source, target, condition, claim.DoneMetadata(staged, done), staged); err != nil {
		return err
	}
	if revision > 1 {
		earlier, err := s.earlier(ctx, other, revision)
		if err != nil {
			return err
		}
		if earlier != nil {
			if err := remove(ctx, s.bucket.Object(other).Generation(earlier.Generation)); err != nil {
				return err
			}
		}
	}
	return remove(ctx, source)
}

// earlier looks at an object; it is nil unless it is one of a lower revision.
func (s *Service) earlier(ctx context.Context, name string, revision int64) (*storage.ObjectAttrs, error) {
	object, err := s.bucket.Object(name).Attrs(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", name, err)
	}
	found, err := claim.Revision(object)
	if err != nil || found >= revision {
		return nil, err
	}
	return object, nil
}

// finalNames is where a file is kept from now on, and where it would be kept had
// the verdict been the other one.
func finalNames(done *pipelinev1.FileCompleted) (target, other string, err error) {
	file := done.GetFile()
	if topology.FileIDOfStaging(file.GetStagingName()) != file.GetFileId() {
		return "", "", fmt.Errorf("staging name %q is not of file %q", file.GetStagingName(), file.GetFileId())
	}
	archive := topology.ArchiveName(file.GetLandedAt().AsTime(), file.GetKind(), file.GetFileId(), file.GetLandingName())
	quarantine := topology.QuarantineName(file.GetKind(), file.GetFileId(), file.GetLandingName())
	switch done.GetVerdict() {
	case pipelinev1.Verdict_VERDICT_LOADED:
		return archive, quarantine, nil
	case pipelinev1.Verdict_VERDICT_QUARANTINED:
		return quarantine, archive, nil
	default:
		return "", "", fmt.Errorf("file %s completed without a verdict", file.GetFileId())
	}
}
