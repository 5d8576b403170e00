package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/post"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
)

// The sources of trouble.
const (
	QuarantinedFiles = "quarantined_files"
	DeadLetters      = "dead_letters"
	QualityErrors    = "quality_errors"
	ReportsLate      = "reports_late"
)

var sources = []string{QuarantinedFiles, DeadLetters, QualityErrors, ReportsLate}

// State is what the warehouse says at one moment.
type State struct {
	DeadLetters   int64 // that nobody has settled
	QualityErrors int64 // since Today
	Today         time.Time
	// ReportsThrough is when the day of the newest complete reports ended; zero: there are none.
	ReportsThrough time.Time
}

// reportsAge is that of the alert on late reports.
const reportsAge = 30 * time.Hour

// Notifier thins and sends messages. Safe for concurrent use.
type Notifier struct {
	cfg     Webhook
	webhook *post.Receiver
	now     func() time.Time
	log     *slog.Logger
	wake    chan struct{} // holds one when there may be something to send

	mu      sync.Mutex
	began   time.Time
	pending map[string]*Message  // by source
	next    map[string]time.Time // when a source may be told of again
	told    map[string]int64     // the last count that was noted, by source
	files   map[string]bool      // quarantined ones that wait to be told, by id and revision
	names   []string             // the first of them
	today   time.Time            // the day of the quality errors
}

// New makes a notifier; it is nil if there is no webhook.
func New(cfg Webhook, log *slog.Logger, now func() time.Time) *Notifier {
	if cfg.URL == "" {
		return nil
	}
	return &Notifier{
		cfg: cfg, webhook: post.To("the webhook", cfg.URL, ""),
		now: now, log: log, wake: make(chan struct{}, 1), began: now(),
		pending: make(map[string]*Message), next: make(map[string]time.Time), told: make(map[string]int64), files: make(map[string]bool),
	}
}

// maxNames bounds the files that a message names, and maxName the runes of a name.
const maxNames, maxName = 3, 120

// Quarantined notes a file that was quarantined. A file that is told of twice counts once,
// until the message has gone. A nil notifier notes nothing.
func (n *Notifier) Quarantined(id string, revision int64, name, reason string) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	key := fmt.Sprintf("%s/%d", id, revision)
	if n.files[key] {
		return
	}
	n.files[key] = true
	if len(n.names) < maxNames {
		n.names = append(n.names, fmt.Sprintf("%s (%s)", clip(name), reason))
	}
	text := "1 file was quarantined: "
	if len(n.files) > 1 {
		text = fmt.Sprintf("%d files were quarantined, such as ", len(n.files))
	}
	n.note(QuarantinedFiles, "raised", int64(len(n.files)), text+strings.Join(n.names, ", ")+". Why: pipelinectl files show "+id)
}

// Look notes what the warehouse says.
func (n *Notifier) Look(s State) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.level(DeadLetters, s.DeadLetters, many(s.DeadLetters, "dead letter")+" to be settled: pipelinectl dlq list", "No dead letter is left to be settled")
	if !s.Today.Equal(n.today) {
		n.today, n.told[QualityErrors] = s.Today, 0
	}
	if more := s.QualityErrors - n.told[QualityErrors]; more > 0 {
		if p := n.pending[QualityErrors]; p != nil {
			more += p.Count
		}
		n.note(QualityErrors, "raised", more, fmt.Sprintf("%s, %d today: the dashboard's page Quality names them", many(more, "quality error"), s.QualityErrors))
	}
	n.told[QualityErrors] = s.QualityErrors
	since, late := s.ReportsThrough, int64(0)
	if since.IsZero() {
		since = n.began
	}
	if age := n.now().Sub(since); age > reportsAge {
		late = 1
	}
	n.level(ReportsLate, late, "The daily reports are late: pipelinectl doctor", "The daily reports are there again")
}

// level notes a number that rose, or fell to nothing.
func (n *Notifier) level(source string, count int64, raised, cleared string) {
	before := n.told[source]
	n.told[source] = count
	switch {
	case count > before:
		n.note(source, "raised", count, raised)
	case count == 0 && before > 0:
		if p := n.pending[source]; p != nil && p.Status == "raised" {
			delete(n.pending, source) // nobody has heard of it
			if n.next[source].IsZero() {
				return
			}
		}
		n.note(source, "cleared", 0, cleared)
	case n.pending[source] != nil && count > 0:
		n.note(source, "raised", count, raised)
	}
}

func (n *Notifier) note(source, status string, count int64, text string) {
	n.pending[source] = &Message{Text: "Order pipeline: " + text, Source: source, Status: status, Count: count, At: n.now().UTC()}
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// due takes a message that may go now, and says how long to wait for the next; 0: until one is noted.
func (n *Notifier) due() (*Message, time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now, wait := n.now(), time.Duration(0)
	for _, source := range sources {
		m := n.pending[source]
		if m == nil {
			continue
		}
		left := n.next[source].Sub(now)
		if left <= 0 {
			delete(n.pending, source)
			if source == QuarantinedFiles {
				n.files, n.names = make(map[string]bool), nil
			}
			n.next[source] = now.Add(n.cfg.Pause)
			return m, 0
		}
		if wait == 0 || left < wait {
			wait = left
		}
	}
	return nil, wait
}

// The waits between two tries of one message.
const firstRetry, lastRetry = time.Second, 5 * time.Minute

// Run sends messages until ctx is done.
func (n *Notifier) Run(ctx context.Context) {
	for ctx.Err() == nil {
		m, wait := n.due()
		if m != nil {
			n.send(ctx, *m)
			continue
		}
		var timer <-chan time.Time // nil: never
		if wait > 0 {
			timer = time.After(wait)
		}
		select {
		case <-n.wake:
		case <-timer:
		case <-ctx.Done():
		}
	}
}

// send tries until the message has gone, is refused for good, or ctx is done.
func (n *Notifier) send(ctx context.Context, m Message) {
	body, err := encode(n.cfg.format(), m)
	if err != nil {
		n.log.ErrorContext(ctx, "notification not written", "source", m.Source, "error", err)
		return
	}
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		err := n.webhook.Send(ctx, body)
		if err == nil || ctx.Err() != nil {
			return
		}
		if _, lasting := errors.AsType[*post.RefusedError](err); lasting {
			n.log.ErrorContext(ctx, "notification refused", "source", m.Source, "error", err)
			return
		}
		n.log.WarnContext(ctx, "notification not delivered", "source", m.Source, "error", err)
		if sleep.For(ctx, pause) != nil {
			return
		}
	}
}

func many(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func clip(name string) string {
	runes := []rune(name)
	if len(runes) > maxName {
		return string(runes[:maxName]) + "..."
	}
	return name
}
