package feed

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	// The messages that topics carry.
	_ "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	_ "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	_ "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Message is a message with its body as JSON.
type Message struct {
	ID         string            `json:"message_id"`
	Published  time.Time         `json:"published_at"`
	Attributes map[string]string `json:"attributes"`
	Body       json.RawMessage   `json:"body"`
}

// Decode is a body as JSON by the schema that its attributes name; nil if it is none. The blanks are those of
// encoding/json: protojson's differ from build to build.
func Decode(schema string, data []byte, indent bool) json.RawMessage {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(schema))
	if err != nil {
		return nil
	}
	m := kind.New().Interface()
	if proto.Unmarshal(data, m) != nil {
		return nil
	}
	var text bytes.Buffer
	written, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err == nil && indent {
		err = json.Indent(&text, written, "", "  ")
	} else if err == nil {
		err = json.Compact(&text, written)
	}
	if err != nil {
		return nil
	}
	return text.Bytes()
}

// Condition is one of a message's body, such as payment_status=failed: the value at a path of
// names and numbers with dots between. A value is compared as the text that JSON has of it; of an enum
// the part behind the field's name will do, in any case: failed for PAYMENT_STATUS_FAILED.
type Condition struct{ Path, Value string }

// ParseCondition reads PATH=VALUE.
func ParseCondition(text string) (Condition, error) {
	path, value, ok := strings.Cut(text, "=")
	if path = strings.TrimSpace(path); !ok || path == "" {
		return Condition{}, fmt.Errorf("%q is not of the form FIELD=VALUE", text)
	}
	return Condition{path, strings.TrimSpace(value)}, nil
}

// holds tells whether the condition holds of a body. Of a list any element will do.
func (c Condition) holds(body any) bool {
	name, rest, deeper := strings.Cut(c.Path, ".")
	switch v := body.(type) {
	case map[string]any:
		inner, ok := v[name]
		if !ok {
			return false
		}
		if deeper {
			return Condition{rest, c.Value}.holds(inner)
		}
		if list, is := inner.([]any); is {
			return slices.ContainsFunc(list, func(element any) bool { return c.is(element) })
		}
		return c.is(inner)
	case []any:
		for _, element := range v {
			if c.holds(element) {
				return true
			}
		}
	}
	return false
}

// Tail shows the messages of a topic as they are published, from now on, until ctx is done or
// each says that it has enough. It reads a subscription of its own, which is deleted
// afterwards and, should this process die, by Pub/Sub after a day; nobody else's messages are
// touched. filter is Pub/Sub's, over attributes. ready is called once messages are kept.
func Tail(ctx context.Context, cfg cloud.Config, topic, filter string, where []Condition, ready func(), each func(Message) (more bool)) (err error) {
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	project := "projects/" + cfg.ProjectID
	name := project + "/subscriptions/" + topic + ".tail-" + strings.ToLower(rand.Text()[:12])
	if _, err := client.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{
		Name: name, Topic: project + "/topics/" + topic, Filter: filter, AckDeadlineSeconds: int32(topology.AckDeadline / time.Second),
		MessageRetentionDuration: durationpb.New(10 * time.Minute), ExpirationPolicy: &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(leastExpiry)},
		Labels: map[string]string{"app": "order-pipeline", "task": "tail"},
	}); err != nil {
		return fmt.Errorf("subscribe to %s: %w", topic, err)
	}
	defer func() {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if gone := client.SubscriptionAdminClient.DeleteSubscription(clean, &pubsubpb.DeleteSubscriptionRequest{Subscription: name}); gone != nil {
			err = errors.Join(err, fmt.Errorf("delete the subscription of this tail: %w", gone))
		}
	}()
	ready()
	reading, enough := context.WithCancel(ctx)
	defer enough()
	var mu sync.Mutex // one message is shown at a time
	done := false
	return client.Subscriber(name).Receive(reading, func(_ context.Context, m *pubsub.Message) {
		mu.Lock()
		defer mu.Unlock()
		m.Ack()
		shown := Message{m.ID, m.PublishTime.UTC(), m.Attributes, Decode(m.Attributes[topology.AttrSchema], m.Data, false)}
		if done || !shown.meets(where) {
			return
		}
		if !each(shown) {
			done = true
			enough()
		}
	})
}

// is compares with the value at the end of the path.
func (c Condition) is(value any) bool {
	text := fmt.Sprint(value)
	return text == c.Value || strings.EqualFold(text, c.Path+"_"+c.Value)
}

func (m Message) meets(where []Condition) bool {
	if len(where) == 0 {
		return true
	}
	var body any
	decoder := json.NewDecoder(strings.NewReader(string(m.Body)))
	decoder.UseNumber()
	if decoder.Decode(&body) != nil {
		return false
	}
	for _, c := range where {
		if !c.holds(body) {
			return false
		}
	}
	return true
}
