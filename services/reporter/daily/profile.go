package daily

import (
	"context"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// profiled are the days of the facts that a profile reads, since 1970-01-01, and those that it is compared with.
type profiled struct{ read, compared []int32 }

// Params implements learned.
func (p profiled) Params() map[string]any {
	return map[string]any{"profile_dates": p.read, "compared_dates": p.compared}
}

// String tells nothing: what is read in place of a report that was not made changes nothing that the profile says.
func (p profiled) String() string { return "" }

// learnProfile asks which of the same weekdays of the four weeks before have no profile, whose facts must be read to compare with them.
func learnProfile(ctx context.Context, t *tables, date civil.Date, _ time.Time) (learned, error) {
	missing, err := t.days(ctx, "reports/learn_profile", warehouse.Params{"report_date": date, "weekdays": weekdays(t.config.TimeZone, date)})
	found := profiled{read: append(missing, epoch.Day(date.In(time.UTC)))}
	for week := 1; week <= 4; week++ {
		found.compared = append(found.compared, epoch.Day(date.AddDays(-7*week).In(time.UTC)))
	}
	return found, err
}
