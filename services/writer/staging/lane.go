package staging

import (
	"context"
	"log/slog"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
)

// lane carries one subscription's messages to their tables.
type lane struct {
	subscription string
	receiver     *messaging.Receiver
	encode       encoder
	batchers     map[string]*batcher
	// letters takes messages that cannot be decoded; nil on the lanes of dead
	// letters, which accept every message.
	letters *messaging.DeadLetters
	// stored is told of every message whose row is durable; nil: nobody is.
	stored func(*pubsub.Message)
	log    *slog.Logger
}

// run consumes until ctx is done and every message in hand is settled.
func (l *lane) run(ctx context.Context) error {
	return l.receiver.Run(ctx, func(ctx context.Context, m *pubsub.Message) {
		lease := l.receiver.InHand.Begin(m)
		table, row, err := l.encode(m)
		if err != nil {
			l.giveUp(context.WithoutCancel(ctx), m, err)
			lease.End()
			return
		}
		l.batchers[table].add(entry{m, row, lease, l.stored})
	})
}

func (l *lane) giveUp(ctx context.Context, m *pubsub.Message, reason error) {
	l.log.ErrorContext(ctx, "message given up", "subscription", l.subscription, "message_id", m.ID, "error", reason)
	if l.letters == nil {
		m.Nack()
		return
	}
	if err := l.letters.Send(ctx, m, reason); err != nil {
		l.log.ErrorContext(ctx, "dead letter not published", "subscription", l.subscription, "message_id", m.ID, "error", err)
		m.Nack()
		return
	}
	m.Ack()
}
