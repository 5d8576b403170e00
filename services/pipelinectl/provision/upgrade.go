package provision

import (
	"context"
	"fmt"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// upgrades are the tables whose rows of an earlier release are brought along, in this
// order: the aggregates are computed from the facts. Each has two statements: how
// many rows lack something, and what gives it to them.
var upgrades = []struct{ name, table string }{
	{"facts", "fact_orders"}, {"hours", "agg_hourly_metrics"}, {"days", "agg_category_revenue"},
	{"keys", "order_keys"}, {"id_ranges", "order_keys"},
}

// bringAlong gives the rows of an earlier release what columns of this one promise. A
// row that has it is never touched again, so that a run that was cut off is repeated.
func (p *provisioner) bringAlong(ctx context.Context) error {
	for _, u := range upgrades {
		err := p.ensure(ctx, "upgrade/"+u.name, func(ctx context.Context) (Outcome, []Change, error) { return p.upgrade(ctx, u.name, u.table) })
		if err != nil {
			return err
		}
	}
	return p.ensure(ctx, "upgrade/daily", p.staleDays)
}

func (p *provisioner) upgrade(ctx context.Context, name, table string) (Outcome, []Change, error) {
	pending, err := sql.Find("upgrade/" + name + "_pending")
	if err != nil {
		return "", nil, err
	}
	fill, err := sql.Find("upgrade/" + name + "_fill")
	if err != nil {
		return "", nil, err
	}
	missing, err := p.count(ctx, pending)
	if p.opts.DryRun && warehouse.HasReason(err, "invalidQuery") {
		missing, err = p.rows(ctx, table) // the column would be added first, so all rows lack it
	}
	switch {
	case p.opts.DryRun && warehouse.HasReason(err, "notFound"):
		return Unchanged, nil, nil // the table would be made first, without rows
	case err != nil:
		return "", nil, err
	case missing == 0:
		return Unchanged, nil, nil
	}
	changes := []Change{{Setting: "rows", To: fmt.Sprintf("%d of an earlier release", missing)}}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	return Updated, changes, p.statements().RunRepeatable(ctx, fill, nil)
}

// rows is how many rows a table holds.
func (p *provisioner) rows(ctx context.Context, table string) (int64, error) {
	m, err := p.bigquery.Dataset(p.cfg.Dataset).Table(table).Metadata(ctx)
	if err != nil {
		return 0, err
	}
	return int64(m.NumRows), nil
}
