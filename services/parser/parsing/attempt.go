package parsing

import (
	"context"
	"errors"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
)

// deliveries is how often a message of a file that cannot be read is given back to
// Pub/Sub, which takes some four minutes with the backoff of its subscription. Then the
// message is let go: the object in staging/ is what makes the watcher announce the file
// again, later each time, and a message that stays would end as a dead letter.
const deliveries = 10

// noteAtWork notes on the object that a parser reads it: at once, if the file was
// announced or delivered before, and as long as the reading takes. The watcher counts
// these attempts, and does not announce a file that is being read. It is only a note: if
// it cannot be made, the file is read all the same. The result ends it.
func (s *Service) noteAtWork(ctx context.Context, m *pubsub.Message, landed *pipelinev1.FileLanded) (end func()) {
	note := func(ctx context.Context) {
		s.note(ctx, landed, func(c *claim.Claim) map[string]string {
			return c.Begin(int(landed.GetAnnouncement()), time.Now())
		})
	}
	if landed.GetAnnouncement() > 1 || messaging.DeliveryAttempt(m) > 1 {
		note(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(claim.NoteEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				note(ctx)
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// failed decides what becomes of the message of a file that could not be read. What is
// wrong with the topics concerns every file and is waited out in place; what may be wrong
// with this object alone must not keep a place that others need.
func (s *Service) failed(ctx context.Context, m *pubsub.Message, landed *pipelinev1.FileLanded, cause error) error {
	var outlet *reading.OutletError
	switch {
	case messaging.IsPermanent(cause), errors.As(cause, &outlet), errors.Is(cause, storage.ErrObjectNotExist), ctx.Err() != nil:
		return cause
	case messaging.DeliveryAttempt(m) < deliveries:
		return messaging.Later(cause)
	}
	s.note(ctx, landed, func(c *claim.Claim) map[string]string {
		return c.Fail(int(landed.GetAnnouncement()), cause, time.Unix(0, s.lastRead.Load()), time.Now())
	})
	s.log.ErrorContext(ctx, "file left to a later announcement", "file_id", landed.GetFile().GetFileId(),
		"announcement", landed.GetAnnouncement(), "error", cause)
	return nil
}

func (s *Service) note(ctx context.Context, landed *pipelinev1.FileLanded, what func(*claim.Claim) map[string]string) {
	ctx, cancel := context.WithTimeout(ctx, claim.NoteEvery)
	defer cancel()
	file := landed.GetFile()
	bucket := s.objects.storage.Bucket(file.GetBucket())
	if err := claim.NoteReading(ctx, bucket, file.GetStagingName(), landedfile.Revision(file), what); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "reading not noted", "file_id", file.GetFileId(), "error", err)
	}
}
