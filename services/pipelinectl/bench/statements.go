package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/option"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Transactions is what BigQuery's job statistics say of those that loaded the orders.
type Transactions struct {
	Jobs        int   `json:"jobs"`       // the transactions themselves
	ChildJobs   int   `json:"child_jobs"` // their statements
	BytesBilled int64 `json:"bytes_billed"`
	// Statements are summed up by name, those first that took longest.
	Statements []StatementCost `json:"statements"`
}

// StatementCost is what all runs of one statement took together.
type StatementCost struct {
	Name         string `json:"name"`
	Runs         int    `json:"runs"`
	Milliseconds int64  `json:"ms"`
	BytesBilled  int64  `json:"bytes_billed"`
}

// transactions sums up those that began while the fence stood at an epoch or later, and returns the
// epoch at which it stands. It asks the embedded BigQuery itself: the client cannot read again the
// configuration of a job with a NULL among its parameters.
func transactions(ctx context.Context, at cloud.Config, epoch int64) (all Transactions, next int64, err error) {
	service, err := bq.NewService(ctx, option.WithoutAuthentication(), option.WithEndpoint("http://"+strings.TrimPrefix(at.BigQueryHost, "http://")+"/bigquery/v2/"))
	if err != nil {
		return all, 0, fmt.Errorf("open the client for jobs: %w", err)
	}
	costs := make(map[string]*StatementCost)
	for ; ; epoch++ {
		tried := int64(0)
		for ; ; tried++ { // those that failed leave the epoch as it was
			id := topology.TransactionJob(at.Dataset, epoch, tried)
			job, err := service.Jobs.Get(at.ProjectID, id).Location(at.Location).Context(ctx).Do()
			if warehouse.HasReason(err, "notFound") {
				break
			}
			if err == nil {
				err = all.add(ctx, service, job, costs)
			}
			if err != nil {
				return all, 0, fmt.Errorf("read what the statements of %s took: %w", id, err)
			}
		}
		if tried == 0 {
			break
		}
	}
	for _, cost := range costs {
		all.ChildJobs += cost.Runs
		all.BytesBilled += cost.BytesBilled
		all.Statements = append(all.Statements, *cost)
	}
	slices.SortFunc(all.Statements, func(a, b StatementCost) int {
		return cmp.Or(cmp.Compare(b.Milliseconds, a.Milliseconds), cmp.Compare(a.Name, b.Name))
	})
	return all, epoch, nil
}

// add adds what the statements of a transaction took. Its child jobs are listed last first.
func (all *Transactions) add(ctx context.Context, service *bq.Service, job *bq.Job, costs map[string]*StatementCost) error {
	names, err := sql.NamesIn(job.Configuration.Query.Query)
	if err != nil {
		return err
	}
	var children []*bq.JobStatistics
	list := service.Jobs.List(job.JobReference.ProjectId).ParentJobId(job.JobReference.JobId)
	err = list.Pages(ctx, func(page *bq.JobList) error {
		for _, child := range page.Jobs {
			children = append(children, child.Statistics)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Reverse(children)
	all.Jobs++
	for i, s := range children[:min(len(children), len(names))] {
		cost := costs[names[i]]
		if cost == nil {
			cost = &StatementCost{Name: names[i]}
			costs[names[i]] = cost
		}
		cost.Runs++
		cost.Milliseconds += s.EndTime - s.StartTime
		if s.Query != nil {
			cost.BytesBilled += s.Query.TotalBytesBilled
		}
	}
	return nil
}
