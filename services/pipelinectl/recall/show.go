package recall

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// Finding counts what was found of a rule in a file.
type Finding struct {
	Severity string `bigquery:"severity" json:"severity"`
	Rule     string `bigquery:"rule" json:"rule"`
	Findings int64  `bigquery:"findings" json:"findings"`
	Open     int64  `bigquery:"open_findings" json:"open_findings"`
	Sample   string `bigquery:"sample" json:"sample"`
}

// Revision is one reading of a file that the ledger has or had.
type Revision struct {
	Revision    int64              `bigquery:"revision" json:"revision"`
	Verdict     string             `bigquery:"verdict" json:"verdict"`
	Reason      string             `bigquery:"reason" json:"reason,omitempty"`
	Records     int64              `bigquery:"records" json:"records"`
	Loaded      int64              `bigquery:"loaded" json:"loaded"`
	Rejected    int64              `bigquery:"rejected" json:"rejected"`
	LoadedAt    time.Time          `bigquery:"loaded_at" json:"loaded_at"`
	Transaction bigquery.NullInt64 `bigquery:"transaction_number" json:"transaction_number"`
}

// Details are what is known of one file.
type Details struct {
	File      File       `json:"-"`
	Object    string     `json:"object"` // where its bytes are kept; empty: nowhere any more
	Bytes     int64      `json:"bytes"`
	Revisions []Revision `json:"revisions"`
	Findings  []Finding  `json:"findings"`
}

// KeptName is the object that keeps a file's bytes once it is put away.
func KeptName(f File) string {
	if f.kept != "" {
		return f.kept
	}
	kind := topology.KindOf(f.LandingName)
	if f.Verdict == landedfile.Quarantined {
		return topology.QuarantineName(kind, f.ID, f.LandingName)
	}
	return topology.ArchiveName(f.LandedAt, kind, f.ID, f.LandingName)
}

// Show looks up what is known of a file.
func (c *Client) Show(ctx context.Context, f File) (*Details, error) {
	d := &Details{File: f, Revisions: []Revision{}, Findings: []Finding{}}
	object, err := c.bucket.Object(KeptName(f)).Attrs(ctx)
	switch {
	case err == nil:
		d.Object, d.Bytes = object.Name, object.Size
	case !errors.Is(err, storage.ErrObjectNotExist):
		return nil, fmt.Errorf("look at %s: %w", KeptName(f), err)
	}
	params := warehouse.Params{"file_id": f.ID}
	if d.Revisions, err = warehouse.All[Revision](ctx, c.Ledger(), "operations/file_revisions", params); err != nil {
		return nil, err
	}
	findings, err := warehouse.All[Finding](ctx, c.Ledger(), "operations/file_findings", params)
	d.Findings = append(d.Findings, findings...)
	return d, err
}
