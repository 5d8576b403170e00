package live

import (
	"cmp"
	"context"
	"fmt"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
)

// Completions feeds the subscription of completed files to the hub.
type Completions struct {
	Hub      *Hub
	Notifier *notify.Notifier   // nil: nobody is told
	Lineage  *openlineage.Files // nil: nowhere
	Tracer   *telemetry.Tracer
}

// Handle implements messaging.Handler. A repeated message costs one more
// refresh and does no harm.
func (c Completions) Handle(ctx context.Context, m *pubsub.Message) error {
	var done pipelinev1.FileCompleted
	if err := proto.Unmarshal(m.Data, &done); err != nil {
		return messaging.Permanent(fmt.Errorf("decode FileCompleted: %w", err))
	}
	_, span := c.Tracer.StartFile(ctx, "show file", done.GetFile().GetFileId(), done.GetRevision())
	defer span.Finish(nil)
	if done.GetVerdict() == pipelinev1.Verdict_VERDICT_QUARANTINED {
		c.Notifier.Quarantined(done.GetFile().GetFileId(), done.GetRevision(), done.GetFile().GetLandingName(), done.GetReason())
	}
	c.Lineage.Add(ctx, &done)
	c.Hub.add(CompletedFile{
		FileID:      done.GetFile().GetFileId(),
		Kind:        topology.KindFolder(done.GetFile().GetKind()),
		LandingName: done.GetFile().GetLandingName(),
		Verdict:     cmp.Or(landedfile.VerdictWord(done.GetVerdict()), "unknown"),
		Reason:      done.GetReason(),
		Records:     done.GetRecords(),
		Loaded:      done.GetLoaded(),
		Duplicates:  done.GetDuplicates(),
		Rejected:    done.GetRejected(),
		Held:        done.GetHeld(),
		LandedAt:    done.GetFile().GetLandedAt().AsTime(),
		LoadedAt:    done.GetLoadedAt().AsTime(),
	})
	return nil
}
