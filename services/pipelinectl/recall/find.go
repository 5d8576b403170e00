package recall

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Verdicts, as in the ledger.
const (
	loaded      = "loaded"
	quarantined = "quarantined"
)

// File is a file as the ledger has it.
type File struct {
	ID          string    `bigquery:"file_id"`
	LandingName string    `bigquery:"landing_name"`
	Verdict     string    `bigquery:"verdict"`
	Reason      string    `bigquery:"reason"`
	Overrides   string    `bigquery:"overrides"`
	Revision    int64     `bigquery:"revision"`
	LandedAt    time.Time `bigquery:"landed_at"`

	kept string // the object, if it was found by that
}

// ByID finds files in the ledger; one that it does not know is an error.
func (c *Client) ByID(ctx context.Context, ids []string) ([]File, error) {
	files, err := c.read(ctx, "operations/files_by_id", bigquery.QueryParameter{Name: "file_ids", Value: ids})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(files, func(f File) bool { return f.ID == id }) {
			return nil, fmt.Errorf("the ledger does not know file %q", id)
		}
	}
	return files, nil
}

// ByLanding finds the loaded files that landed on a day, UTC.
func (c *Client) ByLanding(ctx context.Context, day civil.Date) ([]File, error) {
	return c.read(ctx, "operations/files_by_landing", bigquery.QueryParameter{Name: "landed_date", Value: day})
}

func (c *Client) read(ctx context.Context, statement string, param bigquery.QueryParameter) ([]File, error) {
	text, err := sql.Statement(statement)
	if err != nil {
		return nil, err
	}
	q := c.bigquery.Query(text)
	q.DefaultProjectID, q.DefaultDatasetID = c.config.ProjectID, c.config.Dataset
	q.Parameters = []bigquery.QueryParameter{param}
	rows, err := q.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	var files []File
	for {
		var f File
		if err := rows.Next(&f); errors.Is(err, iterator.Done) {
			return files, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		files = append(files, f)
	}
}

// ByArchive finds every file in archive/ and quarantine/, in the order of their
// landing, by what their objects say of them: the ledger may be lost, or a new one.
func (c *Client) ByArchive(ctx context.Context) ([]File, error) {
	var files []File
	for _, prefix := range []string{topology.Archive, topology.Quarantine} {
		objects := c.bucket.Objects(ctx, &storage.Query{Prefix: prefix})
		for {
			object, err := objects.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("list %s: %w", prefix, err)
			}
			if topology.IsFolder(object.Name) {
				continue
			}
			kept, err := claim.Read(object)
			if err != nil {
				return nil, err // it is none of the pipeline's, and a person should look at it
			}
			files = append(files, File{
				ID: path.Base(path.Dir(object.Name)), LandingName: kept.File.GetLandingName(), Verdict: loaded,
				Overrides: strings.Join(topology.OverrideWords(kept.File), ","), Revision: kept.File.GetRevision(),
				LandedAt: kept.File.GetLandedAt().AsTime(), kept: object.Name,
			})
		}
	}
	slices.SortFunc(files, func(a, b File) int {
		return cmp.Or(a.LandedAt.Compare(b.LandedAt), strings.Compare(a.ID, b.ID))
	})
	return files, nil
}

// stagingDays is how long the staging tables keep the rows of a file, counted from its
// landing; 0: for good.
func (c *Client) stagingDays(ctx context.Context) (int, error) {
	tables, err := sql.Tables()
	if err != nil {
		return 0, err
	}
	days := 0
	for _, t := range tables {
		if t.PartitionExpirationDays == 0 {
			continue // no staging table
		}
		// As it is, not as the schema has it: an operator may have raised it. It takes
		// access.Look on these tables.
		table, err := c.bigquery.Dataset(c.config.Dataset).Table(t.Name).Metadata(ctx)
		if err != nil {
			return 0, fmt.Errorf("look at %s: %w", t.Name, err)
		}
		if table.TimePartitioning == nil || table.TimePartitioning.Expiration == 0 {
			continue
		}
		if expires := int(table.TimePartitioning.Expiration.Hours()) / 24; days == 0 || expires < days {
			days = expires
		}
	}
	return days, nil
}
