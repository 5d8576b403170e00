package daily

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/expect"
)

// recount is what the audit counts again: days of the facts. The warehouse keeps the newest
// recount of each day, so that a night need not read all facts.
type recount struct {
	days      []int32 // since 1970-01-01
	startedAt time.Time
	perNight  int // of the days that did not change
	today     int32
	rules     expect.Rules
}

// Params implements learned.
func (r recount) Params() map[string]any {
	return map[string]any{
		"audit_dates": r.days, "recounted_at": r.startedAt, "profile_dates": []int32{r.today},
		"expectations": r.rules.Rules, "expected_values": r.rules.Values,
	}
}

// String tells nothing of the days: a report that is made again may recount others, and say the same.
func (r recount) String() string {
	said := fmt.Sprintf("AUDIT_DAYS=%d", r.perNight)
	if n := len(r.rules.Rules); n > 0 {
		said += fmt.Sprintf(" EXPECTATIONS=%d", n)
	}
	return said
}

// learnAudit asks which days have changed, and whose turn it is. A day that changes before the transaction keeps its
// recount, of which the next run will find that it is outdated.
func learnAudit(ctx context.Context, t *tables, date civil.Date, _ time.Time) (learned, error) {
	rules, err := expect.Read(t.config.ExpectationsFile)
	if err != nil {
		return nil, err
	}
	startedAt := t.now().UTC().Truncate(time.Microsecond)
	days, err := t.days(ctx, "reports/learn_data_quality", warehouse.Params{"audit_days": int64(t.config.AuditDays)})
	return recount{days: days, startedAt: startedAt, perNight: t.config.AuditDays, today: epoch.Day(date.In(time.UTC)), rules: rules}, err
}
