package parsing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
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
	ctx, span := s.tracer.StartFile(ctx, "parse file", file.GetFileId(), landedfile.Revision(file))
	defer func() { span.Finish(err) }()
	started := time.Now()
	r := reading.New(file, s.policy, s.sources, started)
	out := &publication{
		publishers:  s.publishers,
		fileID:      file.GetFileId(),
		parseID:     r.ParseID,
		traceparent: telemetry.Traceparent(ctx),
		places:      newGazetteer(),
	}
	atWork := s.noteAtWork(ctx, m, &landed)
	defer atWork()
	manifest, generation, err := s.readFile(ctx, r, out)
	if errors.Is(err, errDone) {
		s.log.InfoContext(ctx, "file already done", "file_id", file.GetFileId())
		return nil
	}
	if err != nil {
		return s.failed(ctx, m, &landed, fmt.Errorf("read file %s: %w", file.GetFileId(), err))
	}
	if generation != 0 { // it came from the bucket
		s.lastRead.Store(time.Now().UnixNano())
	}
	if err := out.confirm(ctx); err != nil {
		return fmt.Errorf("publish the records of file %s: %w", file.GetFileId(), err)
	}
	manifest.ParsedAt = timestamppb.Now()
	if err := s.publishers.manifests.PublishSync(ctx, manifest, out.attributes()); err != nil {
		return fmt.Errorf("publish the manifest of file %s: %w", file.GetFileId(), err)
	}
	if err := s.objects.noteParsed(ctx, file, generation, manifest.GetParsedAt().AsTime()); err != nil {
		// The reading is durable; without the note the file may be read once more.
		s.log.WarnContext(ctx, "parsed file not noted", "file_id", file.GetFileId(), "error", err)
	}
	s.metrics.record(ctx, r, manifest, time.Since(started))
	s.log.InfoContext(ctx, "file parsed", "file_id", file.GetFileId(), "parse_id", r.ParseID,
		"landing_name", file.GetLandingName(), "records", manifest.GetRecords(), "rejected", manifest.GetRejected(), "left_out", r.LeftOut(),
		"reason", manifest.GetReason(), "announcement", landed.GetAnnouncement(), "duration", time.Since(started))
	return nil
}

// readFile reads the file as it waits in the bucket.
func (s *Service) readFile(ctx context.Context, r *reading.Reading, out reading.Outlet) (manifest *pipelinev1.FileManifest, generation int64, err error) {
	manifest, err = r.Read(ctx, func(ctx context.Context) (io.ReadCloser, int64, error) {
		var opened *stored.Object
		var err error
		if generation == 0 {
			opened, err = s.objects.open(ctx, r.File)
		} else {
			opened, err = s.objects.reopen(ctx, r.File, generation)
		}
		if err != nil {
			return nil, 0, err
		}
		generation = opened.Reader.Attrs.Generation
		return opened, opened.Reader.Attrs.Size, nil
	}, out)
	return manifest, generation, err
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
