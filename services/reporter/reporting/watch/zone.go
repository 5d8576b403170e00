package watch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// Zone ends a reporter that would show the warehouse's days by another clock than theirs.
type Zone struct {
	Client  *warehouse.Client
	Zone    calendar.Zone // the shop's
	Timeout time.Duration // of a look
	Log     *slog.Logger
}

// Run asks every interval until the warehouse's zone is known, which it is from the first
// orders on. If it is another, Run returns a warehouse.OtherZoneError.
func (z *Zone) Run(ctx context.Context, interval time.Duration) error {
	var other *warehouse.OtherZoneError
	every(ctx, interval, func() bool {
		known, err := z.look(ctx)
		if errors.As(err, &other) {
			return false
		}
		if err != nil && ctx.Err() == nil {
			z.Log.WarnContext(ctx, "time zone of the warehouse not known", "error", err)
		}
		return !known
	})
	if other != nil {
		return other
	}
	return nil
}

func (z *Zone) look(ctx context.Context) (known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, z.Timeout)
	defer cancel()
	return warehouse.HasZone(ctx, z.Client, z.Zone)
}
