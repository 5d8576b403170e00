package landing

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// giveUp reports a file that no parser survives as failed, in the parser's place,
// so that it ends in quarantine like any other file that cannot be read.
func (s *Service) giveUp(ctx context.Context, c *claim.Claim) error {
	rule, detail := rules.ParserFailed, fmt.Sprintf("it was announced %s, and each time a parser began to read it and did not finish", plural.Of(c.Readings, "time"))
	if c.Failure != "" {
		rule, detail = rules.UnreadableObject, fmt.Sprintf("it could not be read in %s, while other files could; the last error was: %s", plural.Of(c.Readings, "attempt"), c.Failure)
	}
	parseID := identity.ParseID(c.File.GetFileId(), string(rule), landedfile.RevisionWords(c.File)...)
	manifest := &pipelinev1.FileManifest{
		File:         c.File,
		ParseId:      parseID,
		Verdict:      pipelinev1.Verdict_VERDICT_QUARANTINED,
		Reason:       string(rule),
		ReasonDetail: detail,
		ParsedAt:     timestamppb.New(s.now()),
	}
	attrs := map[string]string{topology.AttrFileID: c.File.GetFileId(), topology.AttrParseID: parseID}
	if err := s.filesParsed.PublishSync(ctx, manifest, attrs); err != nil {
		return fmt.Errorf("give up %s: %w", c.File.GetStagingName(), err)
	}
	s.metrics.givenUp.Add(ctx, 1)
	s.log.ErrorContext(ctx, "file given up", "file_id", c.File.GetFileId(), "announcements", c.Announcements, "reason", rule, "detail", detail)
	return c.Note(ctx, s.bucket, s.now()) // counted like an announcement, so that it is not repeated at every sweep
}
