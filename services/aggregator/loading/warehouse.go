package loading

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/billing"
	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/queryjob"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// warehouse runs the aggregator's statements.
type warehouse struct {
	client     *bigquery.Client
	dataset    string
	lookback   int
	script     script
	timeout    time.Duration
	maxBilled  int64 // bytes that a transaction may bill; 0: any
	duplicates DuplicatePolicy
	deactivate float64 // most share of a catalog that may disappear
	bill       *billing.Counter
}

// Purposes of the queries around the transactions, which they are billed by: looking
// whether files are complete, which goes on while they wait, and the rest.
const (
	purposeCompleteness = "completeness"
	purposeLoading      = "loading"
)

// present counts, for each waiting reading, the records that have arrived.
func (w *warehouse) present(ctx context.Context, manifests []*pipelinev1.FileManifest, now time.Time) (map[string]int64, error) {
	bounds := boundsOf(manifests, facts{}, now)
	rows, err := w.read(ctx, "loading/completeness", bounds.dates(), []bigquery.QueryParameter{
		{Name: "file_ids", Value: fileIDs(manifests)},
		{Name: "parse_ids", Value: parseIDs(manifests)},
	})
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64, len(manifests))
	for {
		var row struct {
			ParseID string `bigquery:"parse_id"`
			Records int64  `bigquery:"records"`
		}
		if err := rows.Next(&row); errors.Is(err, iterator.Done) {
			return counts, nil
		} else if err != nil {
			return nil, fmt.Errorf("read completeness: %w", err)
		}
		counts[row.ParseID] = row.Records
	}
}

// load loads files in one transaction and returns the bytes that it was billed, which
// are some even if it fails. It may be run again with the same files: those that the
// ledger holds are left out. One that took too long is ended, so that it is billed no
// further; whether it committed after all, the ledger tells the next attempt.
func (w *warehouse) load(ctx context.Context, manifests []*pipelinev1.FileManifest, now time.Time) (billed int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	fence, repairs, err := w.bounds(ctx, manifests, now)
	if err != nil {
		return 0, err
	}
	known := facts{repairs: repairs}
	if err := w.replaced(ctx, manifests, &known); err != nil {
		return 0, err
	}
	bounds := boundsOf(manifests, known, now)
	text, err := w.script.render(bounds.dates())
	if err != nil {
		return 0, fmt.Errorf("render the transaction: %w", err)
	}
	from, to := w.dedupRange(bounds, now)
	query := w.query(text, []bigquery.QueryParameter{
		{Name: "files", Value: fileParams(manifests, w.duplicates)},
		{Name: "rules", Value: ruleParams()},
		{Name: "epoch", Value: fence},
		{Name: "max_deactivate_share", Value: w.deactivate},
		{Name: "now", Value: now},
		{Name: "dedup_from", Value: from},
		{Name: "dedup_to", Value: to},
	})
	query.MaxBytesBilled = w.maxBilled
	status, err := queryjob.Wait(ctx, w.client, query)
	if err != nil {
		err = fmt.Errorf("transaction of %d files: %w", len(manifests), err)
	}
	return billing.Billed(status), err
}

// bounds reads the fence's epoch and the days of facts that the files repair.
func (w *warehouse) bounds(ctx context.Context, manifests []*pipelinev1.FileManifest, now time.Time) (fence int64, repairs []int32, err error) {
	rows, err := w.read(ctx, "loading/bounds", boundsOf(manifests, facts{}, now).dates(), []bigquery.QueryParameter{
		{Name: "parse_ids", Value: parseIDs(manifests)},
	})
	if err != nil {
		return 0, nil, err
	}
	found := false
	for {
		var row struct {
			Epoch     int64             `bigquery:"epoch"`
			OrderDate bigquery.NullDate `bigquery:"order_date"`
		}
		err := rows.Next(&row)
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return 0, nil, fmt.Errorf("read the bounds: %w", err)
		}
		found, fence = true, row.Epoch
		if row.OrderDate.Valid {
			repairs = append(repairs, epoch.Day(row.OrderDate.Date.In(time.UTC)))
		}
	}
	if !found {
		return 0, nil, errors.New("pipeline_fence has no row: run pipelinectl provision")
	}
	return fence, repairs, nil
}

// ledgerRow is what became of a file.
type ledgerRow struct {
	FileID     string    `bigquery:"file_id"`
	ParseID    string    `bigquery:"parse_id"`
	Revision   int64     `bigquery:"revision"`
	Verdict    string    `bigquery:"verdict"`
	Reason     string    `bigquery:"reason"`
	Records    int64     `bigquery:"records"`
	Loaded     int64     `bigquery:"loaded"`
	Lines      int64     `bigquery:"lines"`
	Duplicates int64     `bigquery:"duplicates"`
	Rejected   int64     `bigquery:"rejected"`
	Held       int64     `bigquery:"held"`
	LoadedAt   time.Time `bigquery:"loaded_at"`
}

// ledger reads what became of files, by file id.
func (w *warehouse) ledger(ctx context.Context, manifests []*pipelinev1.FileManifest) (map[string]ledgerRow, error) {
	rows, err := w.read(ctx, "loading/ledger", nil, []bigquery.QueryParameter{{Name: "file_ids", Value: fileIDs(manifests)}})
	if err != nil {
		return nil, err
	}
	found := make(map[string]ledgerRow, len(manifests))
	for {
		var row ledgerRow
		if err := rows.Next(&row); errors.Is(err, iterator.Done) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		found[row.FileID] = row
	}
}

// foundRow is how many findings of a rule a transaction has added.
type foundRow struct {
	Rule     string `bigquery:"check_type"`
	Severity string `bigquery:"severity"`
	Findings int64  `bigquery:"findings"`
}

// findings counts what the transaction that began at now has added.
func (w *warehouse) findings(ctx context.Context, now time.Time) ([]foundRow, error) {
	rows, err := w.read(ctx, "loading/findings", nil, []bigquery.QueryParameter{{Name: "now", Value: now}})
	if err != nil {
		return nil, err
	}
	var found []foundRow
	for {
		var row foundRow
		if err := rows.Next(&row); errors.Is(err, iterator.Done) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the findings: %w", err)
		}
		found = append(found, row)
	}
}

func (w *warehouse) read(ctx context.Context, name string, dates map[string][]int32, params []bigquery.QueryParameter) (*bigquery.RowIterator, error) {
	text, err := sql.Statement(name)
	if err != nil {
		return nil, err
	}
	if text, err = sql.InlineDates(text, dates); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	rows, err := w.query(text, params).Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", name, err)
	}
	purpose := purposeLoading
	if name == "loading/completeness" {
		purpose = purposeCompleteness
	}
	w.bill.Count(ctx, purpose, rows)
	return rows, nil
}

func (w *warehouse) query(text string, params []bigquery.QueryParameter) *bigquery.Query {
	q := w.client.Query(text)
	q.DefaultDatasetID = w.dataset
	q.Parameters = params
	q.Labels = map[string]string{"service": "aggregator"}
	return q
}

// dedupRange bounds the order_keys that are searched: the lookback counts back from
// the batch's oldest order, so that a late file that comes twice is known. A
// lookback of 0 days is all of them.
func (w *warehouse) dedupRange(b bounds, now time.Time) (from, to civil.Date) {
	to = civil.Date{Year: 9999, Month: 12, Day: 31}
	if w.lookback == 0 {
		return civil.Date{Year: 1, Month: 1, Day: 1}, to
	}
	oldest := slices.Min(append([]int32{epoch.Day(now)}, b.orders...))
	return civil.DateOf(time.Unix(0, 0).UTC()).AddDays(int(oldest) - w.lookback), to
}
