package provision

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"
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
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, t := range tables {
		if t.ViewQuery == "" {
			g.Go(func() error {
				return p.ensure(gctx, "table "+t.Name, func(ctx context.Context) (Outcome, string, error) { return p.table(ctx, t) })
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, t := range tables {
		if t.ViewQuery == "" {
			continue
		}
		err := p.ensure(ctx, "view "+t.Name, func(ctx context.Context) (Outcome, string, error) { return p.view(ctx, t) })
		if err != nil {
			return err
		}
	}
	return p.seeds(ctx)
}

func (p *provisioner) dataset(ctx context.Context) (Outcome, string, error) {
	dataset := p.bigquery.Dataset(p.cfg.Dataset)
	have, err := dataset.Metadata(ctx)
	if isStatus(err, http.StatusNotFound) {
		if p.opts.DryRun {
			return Created, "", nil
		}
		err := dataset.Create(ctx, &bigquery.DatasetMetadata{Location: p.cfg.Location, Description: datasetDescription})
		if isStatus(err, http.StatusConflict) {
			return Unchanged, "", nil // another run came first
		}
		return Created, "", err
	}
	if err != nil {
		return "", "", err
	}
	if !strings.EqualFold(have.Location, p.cfg.Location) {
		return "", "", &ConflictError{Reason: "it is in " + have.Location + " instead of " + p.cfg.Location}
	}
	return Unchanged, "", nil
}

// seeds runs the statements that give a new dataset its first rows, one at a time.
func (p *provisioner) seeds(ctx context.Context) error {
	seeds, err := sql.Group("seed")
	if err != nil {
		return fmt.Errorf("read the seeds: %w", err)
	}
	for _, seed := range seeds {
		err := p.ensure(ctx, seed.Name, func(ctx context.Context) (Outcome, string, error) { return p.seed(ctx, seed.Text) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *provisioner) seed(ctx context.Context, text string) (Outcome, string, error) {
	if p.opts.DryRun {
		return Run, "", nil
	}
	query := p.bigquery.Query(text)
	query.DefaultProjectID, query.DefaultDatasetID = p.cfg.ProjectID, p.cfg.Dataset
	job, err := query.Run(ctx)
	if err != nil {
		return "", "", err
	}
	status, err := job.Wait(ctx)
	if err != nil {
		return "", "", err
	}
	if err := status.Err(); err != nil {
		return "", "", err
	}
	stats, ok := status.Statistics.Details.(*bigquery.QueryStatistics)
	if !ok || stats.NumDMLAffectedRows == 0 {
		return Unchanged, "", nil
	}
	return Updated, fmt.Sprintf("rows added: %d", stats.NumDMLAffectedRows), nil
}

// isStatus tells whether err is an HTTP error of that status.
func isStatus(err error, code int) bool {
	e, ok := errors.AsType[*googleapi.Error](err)
	return ok && e.Code == code
}
