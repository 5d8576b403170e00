package provision

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

const datasetDescription = "E-commerce orders: staging, facts, dimensions, aggregates and the ledger of files"

// warehouse makes the dataset, then its tables, then the views in their order,
// then runs the seeds, and brings the rows of an earlier release along.
func (p *provisioner) warehouse(ctx context.Context) error {
	tables, err := schema.Tables()
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	if err := p.ensure(ctx, "dataset "+p.cfg.Dataset, p.dataset); err != nil {
		return err
	}
	var makeTables []task
	for _, t := range tables {
		if t.ViewQuery == "" {
			makeTables = append(makeTables, task{"table " + t.Name, func(ctx context.Context) (Outcome, []Change, error) { return p.table(ctx, t) }})
		}
	}
	if err := p.ensureAll(ctx, makeTables); err != nil {
		return err
	}
	for _, t := range tables {
		if t.ViewQuery == "" {
			continue
		}
		err := p.ensure(ctx, "view "+t.Name, func(ctx context.Context) (Outcome, []Change, error) { return p.view(ctx, t) })
		if err != nil {
			return err
		}
	}
	if err := p.seeds(ctx); err != nil {
		return err
	}
	if err := p.ensure(ctx, "time zone", p.timeZone); err != nil {
		return err
	}
	return p.bringAlong(ctx)
}

func (p *provisioner) dataset(ctx context.Context) (Outcome, []Change, error) {
	dataset := p.bigquery.Dataset(p.cfg.Dataset)
	have, err := dataset.Metadata(ctx)
	if isStatus(err, http.StatusNotFound) {
		changes := []Change{{Setting: "location", To: p.cfg.Location}, {Setting: "description", To: datasetDescription}}
		if p.opts.DryRun {
			return Created, changes, nil
		}
		err := dataset.Create(ctx, &bigquery.DatasetMetadata{Location: p.cfg.Location, Description: datasetDescription, Labels: ownLabels()})
		if isStatus(err, http.StatusConflict) {
			return Unchanged, nil, nil // another run came first
		}
		return Created, changes, err
	}
	if err != nil {
		return "", nil, err
	}
	if !strings.EqualFold(have.Location, p.cfg.Location) {
		return "", nil, &ConflictError{Reason: "it is in " + have.Location + " instead of " + p.cfg.Location}
	}
	// A dataset's default would give every table that is made later an end.
	changes := compare(nil, "tables expire", expiryText(have.DefaultTableExpiration), "")
	update := bigquery.DatasetMetadataToUpdate{DefaultTableExpiration: time.Duration(0)}
	changes = mendLabel(&update, have.Labels, changes)
	if len(changes) == 0 {
		return Unchanged, nil, nil
	}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	_, err = dataset.Update(ctx, update, have.ETag)
	return Updated, changes, err
}

func expiryText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return "after " + d.String()
}

// seeds runs the statements that give a new dataset its first rows, one at a time.
func (p *provisioner) seeds(ctx context.Context) error {
	seeds, err := sql.Group("seed")
	if err != nil {
		return fmt.Errorf("read the seeds: %w", err)
	}
	for _, seed := range seeds {
		err := p.ensure(ctx, seed.Name, func(ctx context.Context) (Outcome, []Change, error) { return p.seed(ctx, seed) })
		if err != nil {
			return err
		}
	}
	return nil
}

// seed runs one statement. Before a run, and instead of one in a dry run, it asks
// what is missing: BigQuery's own dry run does not tell.
func (p *provisioner) seed(ctx context.Context, seed sql.Statement) (Outcome, []Change, error) {
	counting, err := seed.CountOfInsert()
	if err != nil {
		return "", nil, err
	}
	changes := []Change{{Setting: "rows", To: "those that are missing"}}
	missing, err := p.count(ctx, counting)
	switch {
	case p.opts.DryRun && warehouse.HasReason(err, "notFound"):
		return Updated, changes, nil // the table would be made first
	case err != nil:
		return "", nil, err
	case missing == 0:
		return Unchanged, nil, nil
	case p.opts.DryRun:
		return Updated, changes, nil
	}
	return Updated, changes, p.statements().RunRepeatable(ctx, seed, nil)
}

// statements runs those of the sql module.
func (p *provisioner) statements() *warehouse.Client {
	return &warehouse.Client{BigQuery: p.bigquery, Dataset: p.cfg.Dataset, Service: topology.Operator, Task: "provision"}
}

// count runs a statement whose one value is a number.
func (p *provisioner) count(ctx context.Context, s sql.Statement) (int64, error) {
	rows, err := warehouse.Query[struct{ Missing int64 }](ctx, p.statements(), s, nil)
	if err != nil {
		return 0, err
	}
	for row, err := range rows.All() {
		return row.Missing, err
	}
	return 0, fmt.Errorf("%s: no row", s.Name)
}

// isStatus tells whether err is an HTTP error of that status.
func isStatus(err error, code int) bool {
	e, ok := errors.AsType[*googleapi.Error](err)
	return ok && e.Code == code
}
