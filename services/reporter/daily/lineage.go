package daily

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/pubsub/v2"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/openlineage"
)

// reportLineage tells a catalog of data of the reports that are made. A nil one tells nothing.
type reportLineage struct {
	events  *openlineage.Events
	emitter *openlineage.Emitter
	client  *pubsub.Client // nil: events do not go to a topic
	stop    context.CancelFunc
	done    chan struct{}
}

// openLineage sends events until it is closed, if the configuration says where to.
func openLineage(ctx context.Context, cfg *Config) (_ *reportLineage, err error) {
	if !cfg.Settings.Enabled() {
		return nil, nil
	}
	l := &reportLineage{done: make(chan struct{})}
	if l.events, err = openlineage.NewEvents(cfg.Settings.Namespace, cfg.ProjectID, cfg.Dataset); err != nil {
		return nil, err
	}
	if cfg.Settings.Topic != "" {
		if l.client, err = cfg.NewPubSub(ctx); err != nil {
			return nil, err
		}
	}
	// A run of minutes has no metrics; what is lost is in its log.
	if l.emitter, err = openlineage.NewEmitter(&cfg.Settings, l.client, noop.Meter{}, slog.Default()); err != nil {
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

// of makes a report and tells of it.
func (l *reportLineage) of(ctx context.Context, report Report, date civil.Date, now func() time.Time, work func() (int64, error)) (int64, error) {
	if l == nil {
		return work()
	}
	begun := now()
	run := l.events.Report(strings.ReplaceAll(report.ID, "-", "_"), date, begun)
	l.emitter.Emit(ctx, run.Started(begun))
	rows, err := work()
	l.emitter.Emit(ctx, run.Ended(now(), rows, err))
	return rows, err
}

// close sends what is still to be sent, within seconds.
func (l *reportLineage) close() error {
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
