// Package replay settles dead letters: it publishes them again, after the cause of their
// failure has been fixed, or notes that nothing will be done about them.
//
// What was done about a dead letter is its Fate. Publishing comes first and is noted
// afterwards, so that a run which is killed loses no dead letter. The next run publishes
// again what was not noted. That is harmless: consumers recognise a message that comes
// again, and if several copies of a message are given up, they are one dead letter,
// because its id is derived from the message's first id and the number of its replays.
// So the number of dead letters to replay never grows, however often they are replayed.
//
// Records of a reading that is in the ledger are left alone: their file counts them as
// rejected, and only reading the file again can change that. After that, the dead letters
// of the earlier reading are passed over.
package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Outcome is what became of the selected dead letters.
type Outcome struct {
	Published int
	// PassedOver counts the dead letters for which nothing was done, by their fates.
	PassedOver map[Fate]int
	// Refused dead letters do not pass the schema of their topic, because they are older than
	// it or were never meant for it.
	Refused []Refusal
	// Decided are the files whose records were left alone, in order of their ids.
	Decided []File
}

// File is a file that the ledger holds, with this verdict.
type File struct{ ID, Verdict string }

// Refusal is a dead letter that Pub/Sub does not take, and what it says.
type Refusal struct{ ID, Reason string }

const (
	// publishAhead bounds the dead letters that await confirmation, each of up to 10 MB.
	publishAhead = 16
	// noteAtOnce is how many replays are noted together. Each note is a billed statement,
	// and what a killed run had not noted is published again by the next.
	noteAtOnce = 500
)

// Run publishes the open dead letters of a selection to the topic that their subscription
// reads, and returns when all are durable and noted. It tells each of every dead letter,
// before it publishes it. An error leaves the rest unpublished; running it again takes
// them up. Dead letters that their topic refuses are no error of the run: the others are
// published all the same, and those stay open. With dryRun nothing is published.
func Run(ctx context.Context, cfg cloud.Config, s Selection, dryRun bool, now func() time.Time, each func(DeadLetter)) (_ Outcome, err error) {
	topic, err := topicOf(s.Subscription)
	if err != nil {
		return Outcome{}, err
	}
	desk, err := open(ctx, cfg)
	if err != nil {
		return Outcome{}, err
	}
	defer func() { err = errors.Join(err, desk.close()) }()
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer client.Close()
	publisher := client.Publisher(topic)
	// One dead letter a request: Pub/Sub refuses a request for any message in it.
	publisher.PublishSettings.CountThreshold = 1
	publisher.PublishSettings.FlowControlSettings = pubsub.FlowControlSettings{
		MaxOutstandingMessages: publishAhead, LimitExceededBehavior: pubsub.FlowControlBlock,
	}
	defer publisher.Stop()
	r := &run{desk: desk, subscription: s.Subscription, topic: topic, now: now, outcome: Outcome{PassedOver: map[Fate]int{}}}
	decided := make(map[string]File)
	pace := newPace(s.PerSecond)
	defer pace.stop()
	for letter, err := range desk.find(ctx, s) {
		if err != nil {
			return Outcome{}, fmt.Errorf("read the dead letters of %s: %w", s.Subscription, err)
		}
		each(letter)
		if letter.Fate == Decided {
			decided[letter.FileID.StringVal] = File{letter.FileID.StringVal, letter.Verdict.StringVal}
		}
		if !letter.Replayable(s.Again) {
			r.outcome.PassedOver[letter.Fate]++
			continue
		}
		if dryRun {
			continue
		}
		if err := pace.wait(ctx); err != nil {
			return Outcome{}, errors.Join(err, r.settle(context.WithoutCancel(ctx)))
		}
		attributes, err := attributesOf(letter)
		if err != nil {
			return Outcome{}, err
		}
		r.sent = append(r.sent, sent{letter.ID, publisher.Publish(ctx, &pubsub.Message{Data: letter.Data, Attributes: attributes})})
		if len(r.sent) == noteAtOnce {
			if err := r.settle(ctx); err != nil {
				return Outcome{}, err
			}
		}
	}
	if err := r.settle(ctx); err != nil {
		return Outcome{}, err
	}
	for _, id := range slices.Sorted(maps.Keys(decided)) {
		r.outcome.Decided = append(r.outcome.Decided, decided[id])
	}
	return r.outcome, nil
}

// run is one replay.
type run struct {
	desk                *desk
	subscription, topic string
	now                 func() time.Time
	sent                []sent
	outcome             Outcome
}

// sent is a dead letter that was handed to Pub/Sub.
type sent struct {
	id     string
	result *pubsub.PublishResult
}

// settle waits until what was sent is durable, and notes it.
func (r *run) settle(ctx context.Context) error {
	var (
		durable []string
		failed  error
	)
	for _, letter := range r.sent {
		_, err := letter.result.Get(ctx)
		switch {
		case err == nil:
			durable = append(durable, letter.id)
		case status.Code(err) == codes.InvalidArgument:
			r.outcome.Refused = append(r.outcome.Refused, Refusal{letter.id, status.Convert(err).Message()})
		case failed == nil:
			failed = fmt.Errorf("publish to %s: %w", r.topic, err)
		}
	}
	r.sent = r.sent[:0]
	r.outcome.Published += len(durable)
	return errors.Join(failed, r.desk.note(ctx, r.subscription, durable, Replayed, bigquery.NullString{}, r.now()))
}

// ErrUnknownSubscription is a name that no subscription of the pipeline has.
var ErrUnknownSubscription = errors.New("no subscription of the pipeline is named")

// topicOf is the topic that a subscription of the pipeline reads.
func topicOf(subscription string) (string, error) {
	for _, t := range topology.Topics() {
		for _, service := range t.Subscribers {
			if topology.Subscription(t.Name, service) == subscription {
				return t.Name, nil
			}
		}
	}
	return "", fmt.Errorf("%w %q; there are %s", ErrUnknownSubscription, subscription, strings.Join(topology.Subscriptions(), ", "))
}

// attributesOf are the message's own attributes, without those that its failure added.
func attributesOf(l DeadLetter) (map[string]string, error) {
	attributes := make(map[string]string)
	if l.Attributes.Valid {
		if err := json.Unmarshal([]byte(l.Attributes.JSONVal), &attributes); err != nil {
			return nil, fmt.Errorf("attributes of dead letter %s: %w", l.ID, err)
		}
	}
	maps.DeleteFunc(attributes, func(name, _ string) bool {
		// Pub/Sub sets those of the first two prefixes itself, and refuses "goog".
		return strings.HasPrefix(name, "CloudPubSubDeadLetter") || strings.HasPrefix(name, "goog") ||
			slices.Contains(topology.DeadLetterAttributes(), name)
	})
	attributes[topology.AttrReplayOf] = l.ID
	attributes[topology.AttrFirstMessageID] = l.FirstMessageID
	attributes[topology.AttrReplays] = strconv.FormatInt(l.Replays+1, 10)
	return attributes, nil
}
