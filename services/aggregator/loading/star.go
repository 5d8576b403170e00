package loading

import (
	"context"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// starSchema runs the aggregator's statements.
type starSchema struct {
	// Clients by what is asked: whether files are complete, which goes on while they wait;
	// the rest around the transactions; and the transactions themselves.
	completeness, questions, transactions *warehouse.Client

	lookback    int
	script      script
	maxDays     int // whose partitions a transaction may change
	duplicates  DuplicatePolicy
	deactivate  float64 // most share of a catalog that may disappear
	maxFindings int     // rows for the findings of a file and rule
	tried       tried   // by the loop alone
}

// Purposes of the questions, which they are billed by.
const (
	purposeCompleteness = "completeness"
	purposeLoading      = "loading"
)

// queryTimeout is how long a question may take, reading its answer included. An answer that
// does not come in time is a failure as any other: nothing waits for it.
const queryTimeout = 2 * time.Minute

func newStarSchema(ctx context.Context, cfg Config, rt service.Runtime) (*starSchema, error) {
	script, err := newScript()
	if err != nil {
		return nil, err
	}
	bill, err := warehouse.NewBill(rt.Meter, rt.Log, purposeCompleteness, purposeLoading)
	if err != nil {
		return nil, err
	}
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return nil, err
	}
	questions := warehouse.Client{
		BigQuery: client, Dataset: cfg.Dataset, Service: topology.Aggregator, Task: "loading",
		Timeout: queryTimeout, Bill: bill, Purpose: purposeLoading,
	}
	completeness, transactions := questions, questions
	completeness.Purpose = purposeCompleteness
	transactions.Timeout, transactions.MaxBytesBilled = cfg.TransactionTimeout, cfg.MaxBytesBilled
	return &starSchema{
		completeness: &completeness, questions: &questions, transactions: &transactions, script: script,
		lookback: cfg.DedupLookbackDays, maxDays: cfg.MaxDaysPerTransaction, duplicates: cfg.DuplicatePolicy,
		deactivate: cfg.MaxDeactivateShare, maxFindings: cfg.MaxFindingsPerRule,
	}, nil
}

// arrivedRow is how many records of a reading have arrived, and how many of them in staging.
type arrivedRow struct {
	ParseID string `bigquery:"parse_id"`
	Records int64  `bigquery:"records"`
	Staged  int64  `bigquery:"staged"`
}

// present counts, for each waiting reading, the records that have arrived.
func (s *starSchema) present(ctx context.Context, b *batch, now time.Time) (map[string]arrivedRow, error) {
	params := b.params()
	params["dead_letter_dates"] = b.deadLetterDays(now)
	counts := make(map[string]arrivedRow)
	for row, err := range warehouse.Read[arrivedRow](ctx, s.completeness, "loading/completeness", params) {
		if err != nil {
			return nil, err
		}
		counts[row.ParseID] = row
	}
	return counts, nil
}

// ledgerRow is what became of a file.
type ledgerRow struct {
	FileID            string          `bigquery:"file_id"`
	ParseID           string          `bigquery:"parse_id"`
	Revision          int64           `bigquery:"revision"`
	Verdict           string          `bigquery:"verdict"`
	Reason            string          `bigquery:"reason"`
	Records           int64           `bigquery:"records"`
	Loaded            int64           `bigquery:"loaded"`
	Lines             int64           `bigquery:"lines"`
	Duplicates        int64           `bigquery:"duplicates"`
	Rejected          int64           `bigquery:"rejected"`
	Held              int64           `bigquery:"held"`
	LoadedAt          time.Time       `bigquery:"loaded_at"`
	Updated           int64           `bigquery:"updated"`
	TransactionNumber int64           `bigquery:"transaction_number"`
	LeftOut           []leftOutRange  `bigquery:"left_out"`
	Restored          []restoredRange `bigquery:"restored"`
	LeftOutTruncated  bool            `bigquery:"left_out_truncated"`
}

// leftOutRange is a run of records of the file that are not in the facts.
type leftOutRange struct {
	First   int64  `bigquery:"first_index"`
	Last    int64  `bigquery:"last_index"`
	Outcome string `bigquery:"outcome"`
}

// restoredRange is a run of records of another file that are in the facts again.
type restoredRange struct {
	FileID            string `bigquery:"file_id"`
	ParseID           string `bigquery:"parse_id"`
	First             int64  `bigquery:"first_index"`
	Last              int64  `bigquery:"last_index"`
	TransactionNumber int64  `bigquery:"transaction_number"`
}

// ledger reads what became of files, by file id.
func (s *starSchema) ledger(ctx context.Context, b *batch) (map[string]ledgerRow, error) {
	found := make(map[string]ledgerRow)
	for row, err := range warehouse.Read[ledgerRow](ctx, s.questions, "loading/ledger", b.params()) {
		if err != nil {
			return nil, err
		}
		found[row.FileID] = row
	}
	return found, nil
}

// foundRow is how many findings of a rule a transaction has added.
type foundRow struct {
	Rule     string `bigquery:"check_type"`
	Severity string `bigquery:"severity"`
	Findings int64  `bigquery:"findings"`
}

// findings counts what the transaction that began at now has added.
func (s *starSchema) findings(ctx context.Context, now time.Time) ([]foundRow, error) {
	return warehouse.All[foundRow](ctx, s.questions, "loading/findings", warehouse.Params{"now": now})
}
