package replay

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// MaxReplays is how often a message is replayed that is given up every time: who has
// not mended the cause by then does not mend it by another replay.
const MaxReplays = 5

// Selection says which dead letters are meant.
type Selection struct {
	Subscription string
	// From and To are days on which dead letters were given up, UTC, both inclusive.
	From, To civil.Date
	// IDs are dead_letter_ids; none: all.
	IDs []string
	// Error is a part of the error's text, in any case, and FileID the file that a dead letter is
	// of; empty: any. Fates are those that are meant; none: all.
	Error, FileID string
	Fates         []Fate
	// PerSecond is how many dead letters are published a second at most; 0: any number.
	PerSecond float64
	// Again means dead letters that were replayed or discarded already, or too often, too.
	Again bool
}

// Fate is what became of a dead letter, as sql/operations/dead_letters.sql tells it.
type Fate string

// The fates.
const (
	Open      Fate = "open"       // nothing yet
	DiedAgain Fate = "died_again" // it was replayed and given up again, as a newer dead letter
	Discarded Fate = "discarded"  // an operator wants nothing to be done about it
	Resolved  Fate = "resolved"   // its file was read again
	Decided   Fate = "decided"    // its file is in the ledger and counts it as rejected
	Replayed  Fate = "replayed"   // it was published again and has not come back
	Exhausted Fate = "exhausted"  // it was given up after MaxReplays replays
)

// Fates lists those for which a replay passes a dead letter over, in the order in which it is
// worth to read about them.
func Fates() []Fate { return []Fate{Exhausted, Replayed, DiedAgain, Discarded, Decided, Resolved} }

// DeadLetter is a dead letter as the warehouse has it.
type DeadLetter struct {
	ID             string              `bigquery:"dead_letter_id"`
	Subscription   string              `bigquery:"subscription"`
	At             time.Time           `bigquery:"dead_lettered_at"`
	Attempts       int64               `bigquery:"delivery_attempts"`
	RecordIndex    bigquery.NullInt64  `bigquery:"record_index"`
	Data           []byte              `bigquery:"data"`
	Attributes     bigquery.NullJSON   `bigquery:"attributes"`
	Error          string              `bigquery:"error"`
	FileID         bigquery.NullString `bigquery:"file_id"`
	FirstMessageID string              `bigquery:"first_message_id"`
	Replays        int64               `bigquery:"replays"`
	Fate           Fate                `bigquery:"fate"`
	// Verdict is that of the reading that the ledger holds, if the dead letter is a record of it.
	Verdict bigquery.NullString `bigquery:"verdict"`
}

// Replayable tells whether a replay publishes the dead letter. Of a dead letter that died again
// the newer one is published, and a record of a file that is decided never is.
func (l DeadLetter) Replayable(again bool) bool {
	switch l.Fate {
	case Open, Waiting:
		return true
	case Replayed, Discarded, Exhausted:
		return again
	default:
		return false
	}
}

// desk is where dead letters and their fates are looked up and noted.
type desk struct{ client *warehouse.Client }

func open(ctx context.Context, cfg cloud.Config) (*desk, error) {
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return nil, err
	}
	return &desk{&warehouse.Client{BigQuery: client, Dataset: cfg.Dataset, Service: topology.Operator, Task: "replay"}}, nil
}

func (d *desk) close() error { return d.client.Close() }

// find reads the selected dead letters, with their fates.
func (d *desk) find(ctx context.Context, s Selection) iter.Seq2[DeadLetter, error] {
	read := warehouse.Read[DeadLetter](ctx, d.client, "operations/dead_letters", warehouse.Params{
		"subscription": bigquery.NullString{StringVal: s.Subscription, Valid: s.Subscription != ""}, "from_date": s.From, "to_date": s.To,
		"letter_ids": append([]string{}, s.IDs...), "max_replays": MaxReplays,
	})
	return func(yield func(DeadLetter, error) bool) {
		for letter, err := range read {
			if (err != nil || s.means(letter)) && !yield(letter, err) {
				return
			}
		}
	}
}

// means tells whether what a dead letter says of itself is what was asked for.
func (s Selection) means(l DeadLetter) bool {
	return (s.FileID == "" || l.FileID.StringVal == s.FileID) &&
		(len(s.Fates) == 0 || slices.Contains(s.Fates, l.Fate)) &&
		strings.Contains(strings.ToLower(l.Error), strings.ToLower(s.Error))
}

// List visits the selected dead letters, of all subscriptions if none is named.
func List(ctx context.Context, cfg cloud.Config, s Selection, each func(DeadLetter)) (err error) {
	if s.Subscription != "" {
		if _, err := topicOf(s.Subscription); err != nil {
			return err
		}
	}
	desk, err := open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.close()) }()
	for letter, err := range desk.find(ctx, s) {
		if err != nil {
			return fmt.Errorf("read the dead letters: %w", err)
		}
		each(letter)
	}
	return nil
}

// note writes down what was decided about dead letters.
func (d *desk) note(ctx context.Context, subscription string, ids []string, fate Fate, reason bigquery.NullString, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	statement, err := sql.Find("operations/note_fates")
	if err != nil {
		return err
	}
	err = d.client.RunRepeatable(ctx, statement, warehouse.Params{
		"letter_ids": ids, "subscription": subscription, "fate": string(fate), "reason": reason, "decided_at": at,
	})
	if err != nil {
		return fmt.Errorf("note that %s of %s are %s: %w", plural.Of(len(ids), "dead letter"), subscription, fate, err)
	}
	return nil
}
