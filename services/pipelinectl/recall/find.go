package recall

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// File is a file as the ledger has it.
type File struct {
	ID          string                 `bigquery:"file_id"`
	Kind        string                 `bigquery:"kind"`
	LandingName string                 `bigquery:"landing_name"`
	Verdict     string                 `bigquery:"verdict"`
	Reason      string                 `bigquery:"reason"`
	Revision    int64                  `bigquery:"revision"`
	Records     int64                  `bigquery:"records"`
	Loaded      int64                  `bigquery:"loaded"`
	Updated     int64                  `bigquery:"updated"`
	Duplicates  int64                  `bigquery:"duplicates"`
	Rejected    int64                  `bigquery:"rejected"`
	Held        int64                  `bigquery:"held"`
	Bytes       int64                  `bigquery:"bytes" render:"-"`
	Overrides   string                 `bigquery:"overrides" render:"-"`
	ParseID     string                 `bigquery:"parse_id" render:"-"`
	LandedAt    time.Time              `bigquery:"landed_at"`
	ClaimedAt   bigquery.NullTimestamp `bigquery:"claimed_at" render:"-"`
	ParsedAt    bigquery.NullTimestamp `bigquery:"parsed_at" render:"-"`
	LoadedAt    time.Time              `bigquery:"loaded_at"`
	Transaction bigquery.NullInt64     `bigquery:"transaction_number" render:"-"`

	kept string // the object, if it was found by that
}

// Selection says which files are meant: those for which all that is given holds.
type Selection struct {
	IDs []string
	// Name is a part of the landing name, in any case.
	Name, Kind, Verdict, Reason string
	// From and To are days of landing, UTC, both inclusive; nil: any.
	From, To *civil.Date
	// Most is how many files there may be, of those that landed last; 0: any number.
	Most int
}

// Empty tells whether every file is meant.
func (s Selection) Empty() bool {
	return len(s.IDs) == 0 && s.Name == "" && s.Kind == "" && s.Verdict == "" && s.Reason == "" && s.From == nil && s.To == nil
}

// ErrUnknownFile is a file id that the ledger does not have.
var ErrUnknownFile = errors.New("the ledger does not know file")

// Select finds files in the ledger, in the order of their landing.
func Select(ctx context.Context, ledger *warehouse.Client, s Selection) ([]File, error) {
	text := func(v string) bigquery.NullString { return bigquery.NullString{StringVal: v, Valid: v != ""} }
	day := func(d *civil.Date) bigquery.NullDate {
		if d == nil {
			return bigquery.NullDate{}
		}
		return bigquery.NullDate{Date: *d, Valid: true}
	}
	most := s.Most
	if most == 0 {
		most = math.MaxInt32
	}
	files, err := warehouse.All[File](ctx, ledger, "operations/files", warehouse.Params{
		"file_ids": append([]string{}, s.IDs...), "name": text(s.Name), "kind": text(s.Kind), "verdict": text(s.Verdict), "reason": text(s.Reason),
		"from_date": day(s.From), "to_date": day(s.To), "most": most,
	})
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	slices.Reverse(files)
	return files, nil
}

// ByID finds files in the ledger, in the order of their landing; one that it does not know is
// an error.
func ByID(ctx context.Context, ledger *warehouse.Client, ids []string) ([]File, error) {
	files, err := Select(ctx, ledger, Selection{IDs: ids})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(files, func(f File) bool { return f.ID == id }) {
			return nil, fmt.Errorf("%w %q", ErrUnknownFile, id)
		}
	}
	return files, nil
}

// Ledger is where the files are looked up.
func (c *Client) Ledger() *warehouse.Client {
	return &warehouse.Client{BigQuery: c.bigquery, Dataset: c.config.Dataset, Service: topology.Operator, Task: "recall"}
}

// ByArchive finds every file in archive/ and quarantine/, in the order of their
// landing, by what their objects say of them: the ledger may be lost, or a new one.
func (c *Client) ByArchive(ctx context.Context) ([]File, error) {
	var files []File
	for object, err := range claim.Kept(ctx, c.bucket) {
		if err != nil {
			return nil, err
		}
		kept, err := claim.Read(object)
		if err != nil {
			return nil, err // it is none of the pipeline's, and a person should look at it
		}
		files = append(files, File{
			ID: path.Base(path.Dir(object.Name)), LandingName: kept.File.GetLandingName(), Kind: topology.KindFolder(kept.File.GetKind()), Verdict: landedfile.Loaded,
			Overrides: strings.Join(landedfile.OverrideWords(kept.File), ","), Revision: kept.File.GetRevision(),
			LandedAt: kept.File.GetLandedAt().AsTime(), kept: object.Name,
		})
	}
	slices.SortFunc(files, func(a, b File) int {
		return cmp.Or(a.LandedAt.Compare(b.LandedAt), strings.Compare(a.ID, b.ID))
	})
	return files, nil
}

// stagingDays is how long the staging tables keep the rows of a file, counted from its
// landing; 0: for good.
func (c *Client) stagingDays(ctx context.Context) (int, error) {
	tables, err := schema.Tables()
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
