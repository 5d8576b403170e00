package landing

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// giveUp reports a file that no parser survives as failed, in the parser's place,
// so that it ends in quarantine like any other file that cannot be read.
func (s *Service) giveUp(ctx context.Context, c *claim.Claim) error {
	parseID := identity.ParseID(c.File.GetFileId(), string(rules.ParserFailed), topology.RevisionWords(c.File)...)
	manifest := &pipelinev1.FileManifest{
		File:         c.File,
		ParseId:      parseID,
		Verdict:      pipelinev1.Verdict_VERDICT_QUARANTINED,
		Reason:       string(rules.ParserFailed),
		ReasonDetail: fmt.Sprintf("announced %d times, and no parser finished reading it", c.Announcements),
		ParsedAt:     timestamppb.New(s.now()),
	}
	attrs := map[string]string{topology.AttrFileID: c.File.GetFileId(), topology.AttrParseID: parseID}
	if err := s.filesParsed.PublishSync(ctx, manifest, attrs); err != nil {
		return fmt.Errorf("give up %s: %w", c.File.GetStagingName(), err)
	}
	s.metrics.givenUp.Add(ctx, 1)
	s.log.ErrorContext(ctx, "file given up", "file_id", c.File.GetFileId(), "announcements", c.Announcements)
	return c.Note(ctx, s.bucket, s.now()) // counted like an announcement, so that it is not repeated at every sweep
}
