package openlineage

import (
	"context"
	"log/slog"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// Session tells of what one run of a program does, such as a report or an operator's command. A nil one
// tells nothing. It is closed at the program's end.
type Session struct {
	*Events
	emitter *Emitter
	client  *pubsub.Client // nil: events do not go to a topic
	now     func() time.Time
	stop    context.CancelFunc
	done    chan struct{}
}

// Open sends events in the background until the session is closed; it is nil if s says nowhere. A run of
// minutes has no metrics: what is lost stands in log.
func Open(ctx context.Context, s *Settings, cfg cloud.Config, now func() time.Time, log *slog.Logger) (_ *Session, err error) {
	if !s.Enabled() {
		return nil, nil
	}
	l := &Session{now: now, done: make(chan struct{})}
	if l.Events, err = NewEvents(s.Namespace, cfg.ProjectID, cfg.Dataset); err != nil {
		return nil, err
	}
	if s.Topic != "" {
		if l.client, err = cfg.NewPubSub(ctx); err != nil {
			return nil, err
		}
	}
	if l.emitter, err = NewEmitter(s, l.client, noop.Meter{}, log); err != nil {
		return nil, err
	}
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go func() {
		defer close(l.done)
		l.emitter.Run(sending)
	}()
	return l, nil
}

// Tell does work and tells of it as describe has it, which is asked only if anybody is told. Work gives how
// much there is in each output.
func (l *Session) Tell(ctx context.Context, describe func(*Events, time.Time) (*Work, error), work func() ([]int64, error)) error {
	if l == nil {
		_, err := work()
		return err
	}
	begun := l.now()
	w, err := describe(l.Events, begun)
	if err != nil {
		return err
	}
	l.emitter.Emit(ctx, w.Started(begun))
	rows, err := work()
	l.emitter.Emit(ctx, w.Ended(l.now(), err, rows...))
	return err
}

// Done tells of work that has ended; begun is when it began.
func (l *Session) Done(ctx context.Context, begun time.Time, describe func(*Events) *Work, rows ...int64) {
	if l == nil {
		return
	}
	w := describe(l.Events)
	l.emitter.Emit(ctx, w.Started(begun), w.Ended(l.now(), nil, rows...))
}

// Close sends what is still to be sent, within seconds.
func (l *Session) Close() error {
	if l == nil {
		return nil
	}
	l.stop()
	<-l.done
	if l.client == nil {
		return nil
	}
	return l.client.Close()
}
