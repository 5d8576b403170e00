package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Waiting is the fate of a dead letter that is in Pub/Sub still.
const Waiting Fate = "waiting"

// ErrNoDeadLetters is a subscription that has no dead-letter subscription.
var ErrNoDeadLetters = errors.New("there is no dead-letter subscription of")

// peekWithin bounds the wait for dead letters; Pub/Sub keeps a request open that finds none.
const peekWithin = 3 * time.Second

// Peek looks at dead letters that wait in Pub/Sub: of the pipeline's own subscriptions those that
// the writer has not put into the table, of a consumer's all. They are given back at once, so
// that whoever else reads them gets them; what another has in hand is not seen.
func Peek(ctx context.Context, cfg cloud.Config, subscription string, most int) (_ []DeadLetter, err error) {
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	name := "projects/" + cfg.ProjectID + "/subscriptions/" + deadLettersOf(subscription)
	pulling, cancel := context.WithTimeout(ctx, peekWithin)
	defer cancel()
	admin := client.SubscriptionAdminClient
	resp, err := admin.Pull(pulling, &pubsubpb.PullRequest{Subscription: name, MaxMessages: int32(min(most, 1000))})
	switch {
	case status.Code(err) == codes.DeadlineExceeded && ctx.Err() == nil:
		return nil, nil // nothing came
	case status.Code(err) == codes.NotFound:
		return nil, fmt.Errorf("%w %s", ErrNoDeadLetters, subscription)
	case err != nil:
		return nil, fmt.Errorf("look at %s: %w", name, err)
	}
	letters := make([]DeadLetter, 0, len(resp.ReceivedMessages))
	give := &pubsubpb.ModifyAckDeadlineRequest{Subscription: name}
	for _, m := range resp.ReceivedMessages {
		give.AckIds = append(give.AckIds, m.AckId)
		letters = append(letters, deadLetterOf(subscription, m.Message))
	}
	if len(give.AckIds) == 0 {
		return nil, nil
	}
	return letters, admin.ModifyAckDeadline(ctx, give)
}

// deadLettersOf is the subscription to the dead letters of another, the writer's or, of a
// consumer's subscription, the consumer's own.
func deadLettersOf(subscription string) string {
	if _, err := topicOf(subscription); err == nil {
		return topology.DeadLetterSubscription(subscription)
	}
	return topology.DeadLetterTopic(subscription)
}

// letterOf is a message as the table would have it.
func deadLetterOf(subscription string, m *pubsubpb.PubsubMessage) DeadLetter {
	attributes, _ := json.Marshal(m.Attributes) // texts cannot fail
	l := DeadLetter{
		Subscription: subscription, At: m.PublishTime.AsTime(), Data: m.Data, Fate: Waiting,
		Attributes: bigquery.NullJSON{JSONVal: string(attributes), Valid: true}, Error: m.Attributes[topology.AttrError],
		FileID: bigquery.NullString{StringVal: m.Attributes[topology.AttrFileID], Valid: m.Attributes[topology.AttrFileID] != ""},
	}
	id := m.Attributes[topology.AttrMessageID]
	if id == "" {
		id = m.MessageId
	}
	l.ID, l.FirstMessageID = identity.DeadLetterID(subscription, id), id
	if l.Error == "" {
		l.Error = "delivered too often without an answer"
	}
	return l
}

// Own are the message's own attributes, without those that its failure or Pub/Sub added.
func (l DeadLetter) Own() (map[string]string, error) {
	own, err := attributesOf(l)
	for _, name := range topology.DeadLetterAttributes() {
		delete(own, name)
	}
	return own, err
}

// Known tells whether a subscription is one of the pipeline's.
func Known(subscription string) bool {
	_, err := topicOf(subscription)
	return err == nil
}

// Names are those of the pipeline's subscriptions, for a person.
func Names() string { return strings.Join(topology.Subscriptions(), "\n  ") }
