package loading

import (
	"context"
	"fmt"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// announceAll publishes what became of each file, as the ledger says, and settles
// its message. A file that was in the ledger before is announced once more: its
// announcement may be what was lost.
func (s *Service) announceAll(ctx context.Context, files []*waiting) {
	ledger, err := s.warehouse.ledger(ctx, manifestsOf(files))
	if err != nil {
		for _, file := range files {
			file.settle(err)
		}
		return
	}
	results := make([]*pubsub.PublishResult, len(files))
	for i, file := range files {
		if row, ok := ledger[file.manifest.GetFile().GetFileId()]; ok {
			results[i] = s.filesCompleted.Publish(ctx, completed(file.manifest, row), file.attributes())
		}
	}
	for i, file := range files {
		if results[i] == nil {
			file.settle(fmt.Errorf("file %s is not in the ledger after its transaction", file.manifest.GetFile().GetFileId()))
			continue
		}
		_, err := results[i].Get(ctx)
		if err == nil {
			s.metrics.completed(ctx, file.manifest.GetFile(), ledger[file.manifest.GetFile().GetFileId()], s.now())
		}
		file.settle(err)
	}
	s.log.InfoContext(ctx, "files loaded", "files", len(files))
}

func completed(m *pipelinev1.FileManifest, row ledgerRow) *pipelinev1.FileCompleted {
	verdict := pipelinev1.Verdict_VERDICT_UNSPECIFIED
	for v, word := range verdictWords {
		if word == row.Verdict {
			verdict = v
		}
	}
	return &pipelinev1.FileCompleted{
		File:       m.GetFile(),
		ParseId:    row.ParseID,
		Revision:   row.Revision,
		Verdict:    verdict,
		Reason:     row.Reason,
		Records:    row.Records,
		Loaded:     row.Loaded,
		Lines:      row.Lines,
		Duplicates: row.Duplicates,
		Rejected:   row.Rejected,
		Held:       row.Held,
		LoadedAt:   timestamppb.New(row.LoadedAt),
	}
}

// attributes are those of a message about the file.
func (w *waiting) attributes() map[string]string {
	return map[string]string{
		topology.AttrFileID:      w.manifest.GetFile().GetFileId(),
		topology.AttrParseID:     w.manifest.GetParseId(),
		topology.AttrTraceparent: w.traceparent,
	}
}
