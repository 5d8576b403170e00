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

	"github.com/zackkki/ecomm_datapipeline/sql"
)

const datasetDescription = "E-commerce orders: staging, facts, dimensions, aggregates and the ledger of files"

// warehouse makes the dataset, then its tables, then the views in their order,
// then runs the seeds.
func (p *provisioner) warehouse(ctx context.Context) error {
	tables, err := sql.Tables()
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
	return p.seeds(ctx)
}

func (p *provisioner) dataset(ctx context.Context) (Outcome, []Change, error) {
	dataset := p.bigquery.Dataset(p.cfg.Dataset)
	have, err := dataset.Metadata(ctx)
	if isStatus(err, http.StatusNotFound) {
		changes := []Change{{Setting: "location", To: p.cfg.Location}, {Setting: "description", To: datasetDescription}}
		if p.opts.DryRun {
			return Created, changes, nil
		}
		err := dataset.Create(ctx, &bigquery.DatasetMetadata{Location: p.cfg.Location, Description: datasetDescription})
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
	if len(changes) == 0 {
		return Unchanged, nil, nil
	}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	_, err = dataset.Update(ctx, bigquery.DatasetMetadataToUpdate{DefaultTableExpiration: time.Duration(0)}, have.ETag)
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
		err := p.ensure(ctx, seed.Name, func(ctx context.Context) (Outcome, []Change, error) { return p.seed(ctx, seed.Text) })
		if err != nil {
			return err
		}
	}
	return nil
}

// seed runs one statement. Before a run, and instead of one in a dry run, it asks
// what is missing: BigQuery's own dry run does not tell.
func (p *provisioner) seed(ctx context.Context, text string) (Outcome, []Change, error) {
	counting, err := sql.CountOfInsert(text)
	if err != nil {
		return "", nil, err
	}
	changes := []Change{{Setting: "rows", To: "those that are missing"}}
	missing, err := p.count(ctx, counting)
	switch {
	case p.opts.DryRun && isStatus(err, http.StatusNotFound):
		return Updated, changes, nil // the table would be made first
	case err != nil:
		return "", nil, err
	case missing == 0:
		return Unchanged, nil, nil
	case p.opts.DryRun:
		return Updated, changes, nil
	}
	return Updated, changes, p.execute(ctx, text)
}

func (p *provisioner) query(text string) *bigquery.Query {
	query := p.bigquery.Query(text)
	query.DefaultProjectID, query.DefaultDatasetID = p.cfg.ProjectID, p.cfg.Dataset
	return query
}

func (p *provisioner) execute(ctx context.Context, text string) error {
	job, err := p.query(text).Run(ctx)
	if err != nil {
		return err
	}
	status, err := job.Wait(ctx)
	if err != nil {
		return err
	}
	return status.Err()
}

// count runs a statement whose one value is a number.
func (p *provisioner) count(ctx context.Context, text string) (int64, error) {
	rows, err := p.query(text).Read(ctx)
	if err != nil {
		return 0, err
	}
	var row struct{ Missing int64 }
	err = rows.Next(&row)
	return row.Missing, err
}

// isStatus tells whether err is an HTTP error of that status.
func isStatus(err error, code int) bool {
	e, ok := errors.AsType[*googleapi.Error](err)
	return ok && e.Code == code
}
