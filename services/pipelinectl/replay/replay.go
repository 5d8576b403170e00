// Package replay publishes dead letters again, after whatever kept them from being
// processed has been mended.
//
// Every consumer of the pipeline takes a message that comes again for the one it is,
// so replaying a letter twice changes nothing. A letter that fails again becomes a new
// letter, whose attribute replay_of names the old one. Records of a reading that the
// ledger holds are left alone: their file counts them as rejected, and only reading the
// file again can change that. Once it was, its earlier reading's letters are history and
// are passed over.
package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Selection says which letters to replay.
type Selection struct {
	Subscription string
	// From and To are days on which letters were given up, UTC, both inclusive.
	From, To civil.Date
	// IDs are dead_letter_ids; none: all.
	IDs []string
}

// Letter is a dead letter as the warehouse has it.
type Letter struct {
	ID         string              `bigquery:"dead_letter_id"`
	Data       []byte              `bigquery:"data"`
	Attributes bigquery.NullJSON   `bigquery:"attributes"`
	Error      string              `bigquery:"error"`
	FileID     bigquery.NullString `bigquery:"file_id"`
	// Decided letters are records of readings that the ledger holds, with this verdict;
	// they are not published.
	Decided bool                `bigquery:"is_decided"`
	Verdict bigquery.NullString `bigquery:"verdict"`
	// Replaced letters are records of readings whose place another has taken.
	Replaced bool `bigquery:"is_replaced"`
}

// Outcome is what became of the selected letters.
type Outcome struct {
	Published int
	// Refused letters do not pass the schema of their topic, because they are older than
	// it or were never meant for it.
	Refused []Refusal
	// Decided are the files whose records were left alone, in order of their ids.
	Decided []File
}

// File is a file that the ledger holds, with this verdict.
type File struct{ ID, Verdict string }

// Refusal is a letter that Pub/Sub does not take, and what it says.
type Refusal struct{ ID, Reason string }

// publishAhead bounds the letters that await confirmation, each of up to 10 MB.
const publishAhead = 16

// Run publishes the selected letters to the topic that their subscription reads, and
// returns when all are durable. It tells each of the letters that it comes to, before it
// publishes it, but for those that were replaced. An error leaves the rest unpublished; running it again repeats the others
// without harm. Letters that their topic refuses are no error of the run: the others are
// published all the same. With dryRun nothing is published.
func Run(ctx context.Context, cfg cloud.Config, s Selection, dryRun bool, each func(Letter)) (Outcome, error) {
	topic, err := topicOf(s.Subscription)
	if err != nil {
		return Outcome{}, err
	}
	warehouse, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer warehouse.Close()
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer client.Close()
	letters, err := find(ctx, warehouse, cfg, s)
	if err != nil {
		return Outcome{}, err
	}
	publisher := client.Publisher(topic)
	// One letter a request: Pub/Sub refuses a request for any message in it.
	publisher.PublishSettings.CountThreshold = 1
	publisher.PublishSettings.FlowControlSettings = pubsub.FlowControlSettings{
		MaxOutstandingMessages: publishAhead, LimitExceededBehavior: pubsub.FlowControlBlock,
	}
	defer publisher.Stop()
	type sent struct {
		id     string
		result *pubsub.PublishResult
	}
	var (
		published []sent
		decided   = make(map[string]File)
	)
	for {
		var letter Letter
		if err := letters.Next(&letter); errors.Is(err, iterator.Done) {
			break
		} else if err != nil {
			return Outcome{}, fmt.Errorf("read the dead letters: %w", err)
		}
		if letter.Replaced {
			continue
		}
		each(letter)
		if letter.Decided {
			decided[letter.FileID.StringVal] = File{letter.FileID.StringVal, letter.Verdict.StringVal}
			continue
		}
		if dryRun {
			continue
		}
		attributes, err := attributesOf(letter)
		if err != nil {
			return Outcome{}, err
		}
		published = append(published, sent{letter.ID, publisher.Publish(ctx, &pubsub.Message{Data: letter.Data, Attributes: attributes})})
	}
	var outcome Outcome
	for _, id := range slices.Sorted(maps.Keys(decided)) {
		outcome.Decided = append(outcome.Decided, decided[id])
	}
	for _, p := range published {
		_, err := p.result.Get(ctx)
		switch {
		case err == nil:
			outcome.Published++
		case status.Code(err) == codes.InvalidArgument:
			outcome.Refused = append(outcome.Refused, Refusal{p.id, status.Convert(err).Message()})
		default:
			return Outcome{}, fmt.Errorf("publish to %s: %w", topic, err)
		}
	}
	return outcome, nil
}

func find(ctx context.Context, client *bigquery.Client, cfg cloud.Config, s Selection) (*bigquery.RowIterator, error) {
	text, err := sql.Statement("operations/letters")
	if err != nil {
		return nil, err
	}
	q := client.Query(text)
	q.DefaultProjectID, q.DefaultDatasetID = cfg.ProjectID, cfg.Dataset
	q.Parameters = []bigquery.QueryParameter{
		{Name: "subscription", Value: s.Subscription},
		{Name: "from_date", Value: s.From},
		{Name: "to_date", Value: s.To},
		{Name: "letter_ids", Value: append([]string{}, s.IDs...)},
	}
	rows, err := q.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the dead letters of %s: %w", s.Subscription, err)
	}
	return rows, nil
}

// topicOf is the topic that a subscription of the pipeline reads.
func topicOf(subscription string) (string, error) {
	for _, t := range topology.Topics() {
		for _, service := range t.Subscribers {
			if topology.Subscription(t.Name, service) == subscription {
				return t.Name, nil
			}
		}
	}
	return "", fmt.Errorf("no subscription of the pipeline is named %q; there are %s", subscription, strings.Join(topology.Subscriptions(), ", "))
}

// attributesOf are the message's own attributes, without those that its failure added.
func attributesOf(l Letter) (map[string]string, error) {
	attributes := make(map[string]string)
	if l.Attributes.Valid {
		if err := json.Unmarshal([]byte(l.Attributes.JSONVal), &attributes); err != nil {
			return nil, fmt.Errorf("attributes of letter %s: %w", l.ID, err)
		}
	}
	maps.DeleteFunc(attributes, func(name, _ string) bool {
		// Pub/Sub sets those of the first two prefixes itself, and refuses "goog".
		return strings.HasPrefix(name, "CloudPubSubDeadLetter") || strings.HasPrefix(name, "goog") ||
			slices.Contains(topology.DeadLetterAttributes(), name)
	})
	attributes[topology.AttrReplayOf] = l.ID
	return attributes, nil
}
