package loading

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/feed"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// announceLoaded publishes what became of each file, as the ledger says, and settles
// its message. A file that was in the ledger before is announced once more: its
// announcement may be what was lost. It is finished even if the process is to end.
func (s *Service) announceLoaded(ctx context.Context, b *batch) {
	if len(b.files) == 0 {
		return
	}
	ctx, stop := service.Drain(ctx)
	defer stop()
	ledger, err := s.star.ledger(ctx, b)
	s.beat.Beat()
	if err != nil {
		s.seen = -1 // the next transaction looks into the ledger first
		for _, file := range b.files {
			file.settle(err)
		}
		return
	}
	s.announce(ctx, b.files, ledger)
}

// announceTimeout is how long the announcements of a transaction's files may take.
const announceTimeout = 2 * time.Minute

func (s *Service) announce(ctx context.Context, files []*waiting, ledger map[string]ledgerRow) {
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	results := make([]*pubsub.PublishResult, len(files))
	for i, file := range files {
		if row, ok := ledger[file.id()]; ok {
			done := completed(file.manifest, row)
			results[i] = s.filesCompleted.Publish(ctx, done, file.attributesOf(done))
		}
	}
	for i, file := range files {
		if results[i] == nil {
			file.settle(fmt.Errorf("file %s is not in the ledger after its transaction", file.id()))
			continue
		}
		_, err := results[i].Get(ctx)
		if err == nil {
			s.metrics.completed(ctx, file.manifest.GetFile(), ledger[file.id()], s.now())
		}
		file.settle(err)
	}
	s.log.InfoContext(ctx, "files loaded", "files", len(files))
}

func completed(m *pipelinev1.FileManifest, row ledgerRow) *pipelinev1.FileCompleted {
	done := &pipelinev1.FileCompleted{
		File:              m.GetFile(),
		ParseId:           row.ParseID,
		Revision:          row.Revision,
		Verdict:           landedfile.Verdict(row.Verdict),
		Reason:            row.Reason,
		Records:           row.Records,
		Loaded:            row.Loaded,
		Lines:             row.Lines,
		Duplicates:        row.Duplicates,
		Rejected:          row.Rejected,
		Held:              row.Held,
		LoadedAt:          timestamppb.New(row.LoadedAt),
		Updated:           row.Updated,
		LeftOutTruncated:  row.LeftOutTruncated,
		TransactionNumber: row.TransactionNumber,
	}
	for _, r := range row.LeftOut {
		done.LeftOut = append(done.LeftOut, &pipelinev1.RecordRange{First: r.First, Last: r.Last, Outcome: landedfile.Outcome(r.Outcome)})
	}
	for _, r := range row.Restored {
		done.Restored = append(done.Restored, &pipelinev1.RestoredRange{
			FileId: r.FileID, ParseId: r.ParseID, First: r.First, Last: r.Last, TransactionNumber: r.TransactionNumber,
		})
	}
	return done
}

// attributes are those of a message about the file.
func (w *waiting) attributes() map[string]string {
	return map[string]string{
		topology.AttrFileID:      w.id(),
		topology.AttrParseID:     w.manifest.GetParseId(),
		topology.AttrTraceparent: w.traceparent,
	}
}

// attributesOf are those of the announcement: of the reading that counted, which need not
// be the one that waits, and with what a subscription may filter by.
func (w *waiting) attributesOf(done *pipelinev1.FileCompleted) map[string]string {
	attributes := w.attributes()
	attributes[topology.AttrParseID] = done.GetParseId()
	feed.DescribeFile(attributes, done)
	return attributes
}
