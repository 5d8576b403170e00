package loading

import (
	"context"
	"fmt"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Handle implements messaging.Handler for files-parsed: it hands the manifest to
// the loader and holds the message's lease until the file's fate is durable and
// announced. Waiting is not failing.
func (s *Service) Handle(ctx context.Context, m *pubsub.Message) (err error) {
	manifest := new(pipelinev1.FileManifest)
	if err := proto.Unmarshal(m.Data, manifest); err != nil {
		return messaging.Permanent(fmt.Errorf("decode FileManifest: %w", err))
	}
	if err := checkManifest(manifest); err != nil {
		return messaging.Permanent(err)
	}
	ctx, span := s.tracer.StartFile(ctx, "load file", manifest.GetFile().GetFileId(), landedfile.Revision(manifest.GetFile()))
	defer func() { span.Finish(err) }()
	file := &waiting{manifest: manifest, since: s.now(), traceparent: telemetry.Traceparent(ctx), done: make(chan error, 1)}
	select {
	case s.arrivals <- file:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.stopped:
		return errStopped
	}
	select {
	case err := <-file.done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.stopped:
		return errStopped
	}
}

func checkManifest(m *pipelinev1.FileManifest) error {
	switch {
	case m.GetFile().GetFileId() == "", m.GetParseId() == "":
		return fmt.Errorf("manifest without file_id or parse_id")
	case landedfile.VerdictWord(m.GetVerdict()) == "":
		return fmt.Errorf("manifest of %s without a verdict", m.GetFile().GetFileId())
	case m.GetRecords() < 0:
		return fmt.Errorf("manifest of %s with %d records", m.GetFile().GetFileId(), m.GetRecords())
	default:
		return nil
	}
}
