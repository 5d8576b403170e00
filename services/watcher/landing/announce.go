package landing

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// announce asks for a file to be read and notes that on the object. The note
// comes second: a crash between the two announces the file once too often, which
// changes nothing, while the other order could forget it.
func (s *Service) announce(ctx context.Context, c *claimed) error {
	message := &pipelinev1.FileLanded{File: c.file, Announcement: int32(c.announcements + 1)}
	if err := s.filesLanded.PublishSync(ctx, message, map[string]string{topology.AttrFileID: c.file.GetFileId()}); err != nil {
		return fmt.Errorf("announce %s: %w", c.file.GetStagingName(), err)
	}
	object := s.bucket.Object(c.file.GetStagingName()).If(storage.Conditions{MetagenerationMatch: c.metageneration})
	_, err := object.Update(ctx, storage.ObjectAttrsToUpdate{Metadata: c.announcedMetadata(s.now())})
	switch {
	case err == nil, errors.Is(err, storage.ErrObjectNotExist):
		return nil // put away already
	case hasStatus(err, http.StatusPreconditionFailed):
		return nil // another watcher announced it as well
	default:
		return fmt.Errorf("note the announcement of %s: %w", c.file.GetStagingName(), err)
	}
}

// giveUp reports a file that no parser survives as failed, in the parser's place,
// so that it ends in quarantine like any other file that cannot be read.
func (s *Service) giveUp(ctx context.Context, c *claimed) error {
	parseID := identity.ParseID(c.file.GetFileId(), string(rules.ParserFailed))
	manifest := &pipelinev1.FileManifest{
		File:         c.file,
		ParseId:      parseID,
		Verdict:      pipelinev1.Verdict_VERDICT_QUARANTINED,
		Reason:       string(rules.ParserFailed),
		ReasonDetail: fmt.Sprintf("announced %d times, and no parser finished reading it", c.announcements),
		ParsedAt:     timestamppb.New(s.now()),
	}
	attrs := map[string]string{topology.AttrFileID: c.file.GetFileId(), topology.AttrParseID: parseID}
	if err := s.filesParsed.PublishSync(ctx, manifest, attrs); err != nil {
		return fmt.Errorf("give up %s: %w", c.file.GetStagingName(), err)
	}
	s.log.ErrorContext(ctx, "file given up", "file_id", c.file.GetFileId(), "announcements", c.announcements)
	return nil
}
