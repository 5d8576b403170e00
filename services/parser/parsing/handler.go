package parsing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing/split"
)

// Handle implements messaging.Handler for FileLanded: it publishes the file's
// records, waits until every one is durable, publishes the manifest, and only
// then lets the message go.
func (s *Service) Handle(ctx context.Context, m *pubsub.Message) (err error) {
	var landed pipelinev1.FileLanded
	if err := proto.Unmarshal(m.Data, &landed); err != nil {
		return messaging.Permanent(fmt.Errorf("decode FileLanded: %w", err))
	}
	file := landed.GetFile()
	if err := s.check(file); err != nil {
		return messaging.Permanent(err)
	}
	ctx, span := s.tracer.StartFile(ctx, "parse file", file.GetFileId(), topology.Revision(file))
	defer func() { span.Finish(err) }()
	started := time.Now()
	r := newReading(file, s.policy, started)
	out := &publication{
		publishers:  s.publishers,
		fileID:      file.GetFileId(),
		parseID:     r.parseID,
		traceparent: telemetry.Traceparent(ctx),
	}
	r.out = out
	manifest, err := s.readFile(ctx, r)
	if errors.Is(err, errDone) {
		s.log.InfoContext(ctx, "file already done", "file_id", file.GetFileId())
		return nil
	}
	if err != nil {
		return fmt.Errorf("read file %s: %w", file.GetFileId(), err)
	}
	if err := out.confirm(ctx); err != nil {
		return fmt.Errorf("publish the records of file %s: %w", file.GetFileId(), err)
	}
	manifest.ParsedAt = timestamppb.Now()
	if err := s.publishers.manifests.PublishSync(ctx, manifest, out.attributes()); err != nil {
		return fmt.Errorf("publish the manifest of file %s: %w", file.GetFileId(), err)
	}
	if err := s.source.noteParsed(ctx, file, r.generation, manifest.GetParsedAt().AsTime()); err != nil {
		// The reading is durable; without the note the file may be read once more.
		s.log.WarnContext(ctx, "parsed file not noted", "file_id", file.GetFileId(), "error", err)
	}
	s.metrics.record(ctx, r, manifest, time.Since(started))
	s.log.InfoContext(ctx, "file parsed", "file_id", file.GetFileId(), "parse_id", r.parseID,
		"landing_name", file.GetLandingName(), "records", manifest.GetRecords(), "rejected", manifest.GetRejected(),
		"reason", manifest.GetReason(), "announcement", landed.GetAnnouncement(), "duration", time.Since(started))
	return nil
}

// readFile opens and reads the file, unless nothing knows how.
func (s *Service) readFile(ctx context.Context, r *reading) (*pipelinev1.FileManifest, error) {
	switch r.file.GetKind() {
	case pipelinev1.FileKind_FILE_KIND_ORDERS, pipelinev1.FileKind_FILE_KIND_PRODUCTS, pipelinev1.FileKind_FILE_KIND_CUSTOMERS:
	default:
		return r.manifest(&split.FileError{Rule: rules.UnknownKind,
			Detail: "the folder of " + r.file.GetLandingName() + " is none that the pipeline knows"}), nil
	}
	content, err := s.source.open(ctx, r.file)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	r.generation = content.Attrs.Generation
	return r.read(ctx, content, content.Attrs.Size)
}

// check refuses an announcement that cannot be meant for this pipeline.
func (s *Service) check(file *pipelinev1.LandedFile) error {
	switch {
	case file.GetFileId() == "":
		return errors.New("the announcement names no file")
	case file.GetBucket() != s.bucket:
		return fmt.Errorf("the announced file is in bucket %q, not in %q", file.GetBucket(), s.bucket)
	case !strings.HasPrefix(file.GetStagingName(), topology.Staging):
		return fmt.Errorf("the announced file is at %q, not under %s", file.GetStagingName(), topology.Staging)
	case file.GetLandedAt().CheckValid() != nil:
		return fmt.Errorf("the announced file has no valid landing time: %w", file.GetLandedAt().CheckValid())
	}
	return nil
}
