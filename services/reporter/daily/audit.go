package daily

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// recount is what the audit counts again: days of the facts. The warehouse keeps the newest
// recount of each day, so that a night need not read all facts.
type recount struct {
	days      []int32 // since 1970-01-01
	startedAt time.Time
	perNight  int // of the days that did not change
}

// Params implements learned.
func (r recount) Params() map[string]any {
	return map[string]any{"audit_dates": r.days, "recounted_at": r.startedAt}
}

// String tells nothing of the days: a report that is made again may recount others, and say the same.
func (r recount) String() string { return fmt.Sprintf("AUDIT_DAYS=%d", r.perNight) }

// learnAudit asks which days have changed, and whose turn it is. A day that changes before the transaction keeps its
// recount, of which the next run will find that it is outdated.
func learnAudit(ctx context.Context, t *tables, _ civil.Date, _ time.Time) (learned, error) {
	startedAt := t.now().UTC().Truncate(time.Microsecond)
	days, err := t.days(ctx, "reports/learn_data_quality", warehouse.Params{"audit_days": int64(t.config.AuditDays)})
	return recount{days: days, startedAt: startedAt, perNight: t.config.AuditDays}, err
}
