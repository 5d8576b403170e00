package replay

import (
	"encoding/json"
	"strconv"
	"strings"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Waiting is the fate of a dead letter that is in Pub/Sub still.
const Waiting Fate = "waiting"

// attrSourceDeliveries is what Pub/Sub itself notes of a message that its policy gives up.
const attrSourceDeliveries = "CloudPubSubDeadLetterSourceDeliveryCount"

// deadLetterOf is a message as the table would have it, with the id that it would have there.
func deadLetterOf(subscription string, m *pubsubpb.PubsubMessage) DeadLetter {
	own := m.Attributes
	attributes, _ := json.Marshal(own) // texts cannot fail
	l := DeadLetter{
		Subscription: subscription, At: m.PublishTime.AsTime(), Data: m.Data, Fate: Waiting,
		Attributes: bigquery.NullJSON{JSONVal: string(attributes), Valid: true}, Error: own[topology.AttrError],
		FileID: bigquery.NullString{StringVal: own[topology.AttrFileID], Valid: own[topology.AttrFileID] != ""},
	}
	attempts := own[topology.AttrAttempts]
	if l.Error == "" {
		l.Error, attempts = "delivered too often without an answer", own[attrSourceDeliveries]
	}
	l.Attempts, _ = strconv.ParseInt(attempts, 10, 64) // unknown is 0
	messageID := own[topology.AttrMessageID]
	if messageID == "" {
		messageID = m.MessageId
	}
	l.ID, l.FirstMessageID = identity.DeadLetterID(subscription, messageID), messageID
	// What a stranger's attributes say of replays counts only if it makes sense.
	if n, err := strconv.ParseInt(own[topology.AttrReplays], 10, 64); err == nil && n > 0 && own[topology.AttrFirstMessageID] != "" {
		l.FirstMessageID, l.Replays = own[topology.AttrFirstMessageID], n
		l.ID = identity.ReplayedLetterID(subscription, l.FirstMessageID, n)
	}
	if l.Replays >= MaxReplays {
		l.Fate = Exhausted
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

// Names are those of the pipeline's subscriptions, for a person.
func Names() string { return strings.Join(topology.Subscriptions(), "\n  ") }
