package provision

import (
	"context"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// timeZone moves the warehouse to the zone that is asked for. Without one nothing is changed: a
// default of ours must not take the place of what the files said.
func (p *provisioner) timeZone(ctx context.Context) (Outcome, []Change, error) {
	if p.opts.TimeZone == "" {
		return Unchanged, nil, nil
	}
	wanted, err := calendar.Load(p.opts.TimeZone)
	if err != nil {
		return "", nil, err
	}
	from := ""
	switch zone, known, err := warehouse.Zone(ctx, p.statements()); {
	case p.opts.DryRun && (warehouse.HasReason(err, "notFound") || warehouse.HasReason(err, "invalidQuery")):
		// The table or the column would be made first.
	case err != nil:
		return "", nil, err
	case known:
		from = zone.String()
	}
	changes := compare(nil, "days and hours", from, wanted.String())
	if len(changes) == 0 {
		return Unchanged, nil, nil
	}
	if from != "" {
		changes = append(changes, Change{
			Setting: "facts", Note: "they keep the days and hours of " + from + " until their files are read again.",
			Remedy: "Restart every service with TIME_ZONE=" + wanted.String() + ", then pipelinectl reprocess --landed-date for each day (pipelinectl's guide, Time zone).",
		})
	}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	move, err := sql.Find("calendar/move")
	if err != nil {
		return "", nil, err
	}
	return Updated, changes, p.statements().RunRepeatable(ctx, move, warehouse.Params{"time_zone": wanted.String()})
}
