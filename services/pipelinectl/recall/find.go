package recall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"

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
}

const columns = `SELECT l.file_id, l.landing_name, l.verdict, COALESCE(l.reason, '') AS reason,
	COALESCE(l.overrides, '') AS overrides, l.revision, l.landed_at FROM file_ledger AS l`

// ByID finds files in the ledger; one that it does not know is an error.
func (c *Client) ByID(ctx context.Context, ids []string) ([]File, error) {
	files, err := c.read(ctx, columns+" WHERE l.file_id IN UNNEST(@ids) ORDER BY l.landed_at, l.file_id",
		bigquery.QueryParameter{Name: "ids", Value: ids})
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
	return c.read(ctx, columns+" WHERE l.verdict = 'loaded' AND DATE(l.landed_at) = @day ORDER BY l.landed_at, l.file_id",
		bigquery.QueryParameter{Name: "day", Value: day})
}

func (c *Client) read(ctx context.Context, text string, param bigquery.QueryParameter) ([]File, error) {
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

// stagingDays is how long staging keeps the rows of a file, counted from its landing.
func stagingDays() (int, error) {
	tables, err := sql.Tables()
	if err != nil {
		return 0, err
	}
	days := 0
	for _, t := range tables {
		if expires := t.PartitionExpirationDays; expires > 0 && strings.HasPrefix(t.Name, "staging_") && (days == 0 || expires < days) {
			days = expires
		}
	}
	return days, nil
}
