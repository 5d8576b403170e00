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
	return s.note(ctx, c)
}

// note counts an announcement in the object's metadata. The parser may have noted
// something of its own meanwhile; only another announcement makes this one moot.
func (s *Service) note(ctx context.Context, c *claimed) error {
	name := c.file.GetStagingName()
	for {
		object := s.bucket.Object(name).If(storage.Conditions{MetagenerationMatch: c.metageneration})
		_, err := object.Update(ctx, storage.ObjectAttrsToUpdate{Metadata: c.announcement(s.now())})
		if err == nil || errors.Is(err, storage.ErrObjectNotExist) {
			return nil // put away already, in the second case
		}
		if !hasStatus(err, http.StatusPreconditionFailed) {
			return fmt.Errorf("note the announcement of %s: %w", name, err)
		}
		staged, err := s.bucket.Object(name).Attrs(ctx)
		if errors.Is(err, storage.ErrObjectNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look at %s: %w", name, err)
		}
		now, err := readClaim(staged)
		if err != nil {
			return err
		}
		if now.announcements != c.announcements {
			return nil // another watcher announced it as well
		}
		c = now
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
	return s.note(ctx, c) // counted like an announcement, so that it is not repeated at every sweep
}
