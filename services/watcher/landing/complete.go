package landing

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// completions puts files away whose fate is durable in the ledger.
type completions struct{ *Service }

// Handle implements messaging.Handler for files-completed.
func (s completions) Handle(ctx context.Context, m *pubsub.Message) error {
	var done pipelinev1.FileCompleted
	if err := proto.Unmarshal(m.Data, &done); err != nil {
		return messaging.Permanent(fmt.Errorf("decode FileCompleted: %w", err))
	}
	file := done.GetFile()
	target, err := finalName(&done)
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
	metadata := maps.Clone(staged.Metadata)
	if metadata == nil {
		metadata = make(map[string]string)
	}
	metadata["parse_id"], metadata["reason"] = done.GetParseId(), done.GetReason()
	source := s.bucket.Object(file.GetStagingName()).Generation(staged.Generation)
	if err := s.copy(ctx, source, target, metadata, staged); err != nil {
		return fmt.Errorf("put %s away: %w", file.GetStagingName(), err)
	}
	if err := remove(ctx, source); err != nil {
		return fmt.Errorf("put %s away: %w", file.GetStagingName(), err)
	}
	s.log.InfoContext(ctx, "file put away", "file_id", file.GetFileId(), "name", target, "reason", done.GetReason())
	return nil
}

// finalName is where a file is kept from now on.
func finalName(done *pipelinev1.FileCompleted) (string, error) {
	file := done.GetFile()
	if topology.FileIDOfStaging(file.GetStagingName()) != file.GetFileId() {
		return "", fmt.Errorf("staging name %q is not of file %q", file.GetStagingName(), file.GetFileId())
	}
	switch done.GetVerdict() {
	case pipelinev1.Verdict_VERDICT_LOADED:
		return topology.ArchiveName(file.GetLandedAt().AsTime(), file.GetKind(), file.GetFileId(), file.GetLandingName()), nil
	case pipelinev1.Verdict_VERDICT_QUARANTINED:
		return topology.QuarantineName(file.GetKind(), file.GetFileId(), file.GetLandingName()), nil
	default:
		return "", fmt.Errorf("file %s completed without a verdict", file.GetFileId())
	}
}
