package reporting

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// zoneWatch ends a reporter that would show the warehouse's days by another clock than theirs.
type zoneWatch struct {
	client  *warehouse.Client
	zone    calendar.Zone // the shop's
	timeout time.Duration
	log     *slog.Logger
}

// run asks until the warehouse's zone is known, which it is from the first orders on. If it is
// another, run returns a warehouse.OtherZoneError.
func (z *zoneWatch) run(ctx context.Context, interval time.Duration) error {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		known, err := z.look(ctx)
		if other, is := errors.AsType[*warehouse.OtherZoneError](err); is {
			return other
		}
		if err != nil && ctx.Err() == nil {
			z.log.WarnContext(ctx, "time zone of the warehouse not known", "error", err)
		}
		if known {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
	}
}

func (z *zoneWatch) look(ctx context.Context) (known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, z.timeout)
	defer cancel()
	return warehouse.HasZone(ctx, z.client, z.zone)
}
