package notify

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clock is moved by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newTest(t *testing.T, url string) (*Notifier, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)}
	n := New(Webhook{URL: url, Format: auto, Pause: time.Hour, Interval: time.Minute}, slog.New(slog.DiscardHandler), c.read)
	return n, c
}

// drain takes all that may go now.
func drain(n *Notifier) []string {
	var texts []string
	for {
		m, _ := n.due()
		if m == nil {
			return texts
		}
		texts = append(texts, strings.TrimPrefix(m.Text, "Order pipeline: "))
	}
}

// TestThinning: one message per source and hour; what happens meanwhile is told with the next,
// and a number that fell to nothing is told of, if its rise was.
func TestThinning(t *testing.T) {
	t.Parallel()
	n, c := newTest(t, "http://127.0.0.1:1/")
	midnight := c.read().Truncate(24 * time.Hour)
	through := midnight
	for i, step := range []struct {
		after time.Duration
		do    func()
		want  []string
	}{
		{0, func() { n.Look(State{Today: midnight, ReportsThrough: through}) }, nil},
		{0, func() { n.Quarantined("f1", 1, "landing/orders/a.json", "unreadable_file") },
			[]string{"1 file was quarantined: landing/orders/a.json (unreadable_file). Why: pipelinectl files show f1"}},
		{time.Minute, func() {
			n.Quarantined("f2", 1, "landing/orders/b.json", "empty")
			n.Quarantined("f2", 1, "landing/orders/b.json", "empty") // the message comes again
			n.Quarantined("f3", 1, "landing/orders/c.json", "empty")
		}, nil},
		{58 * time.Minute, func() {}, nil},
		{time.Minute, func() {}, []string{"2 files were quarantined, such as landing/orders/b.json (empty), landing/orders/c.json (empty). Why: pipelinectl files show f3"}},
		{0, func() { n.Look(State{DeadLetters: 2, QualityErrors: 5, Today: midnight, ReportsThrough: through}) },
			[]string{"2 dead letters to be settled: pipelinectl dlq list", "5 quality errors, 5 today: the dashboard's page Quality names them"}},
		{time.Minute, func() { n.Look(State{DeadLetters: 3, QualityErrors: 6, Today: midnight, ReportsThrough: through}) }, nil},
		{time.Minute, func() { n.Look(State{DeadLetters: 0, QualityErrors: 8, Today: midnight, ReportsThrough: through}) }, nil},
		{time.Hour, func() {}, []string{"No dead letter is left to be settled", "3 quality errors, 8 today: the dashboard's page Quality names them"}},
		{time.Hour, func() { n.Look(State{QualityErrors: 0, Today: midnight.Add(24 * time.Hour), ReportsThrough: through}) }, nil},
		{24 * time.Hour, func() { n.Look(State{Today: midnight.Add(24 * time.Hour), ReportsThrough: through}) },
			[]string{"The daily reports are late: pipelinectl doctor"}},
		{time.Hour, func() {
			n.Look(State{Today: midnight.Add(24 * time.Hour), ReportsThrough: through.Add(24 * time.Hour)})
		},
			[]string{"The daily reports are there again"}},
	} {
		c.forward(step.after)
		step.do()
		if diff := cmp.Diff(step.want, drain(n)); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestRoseAndFellUnheard: what nobody was told of is not told to be over.
func TestRoseAndFellUnheard(t *testing.T) {
	t.Parallel()
	n, c := newTest(t, "http://127.0.0.1:1/")
	n.Look(State{DeadLetters: 2, ReportsThrough: c.read()})
	n.Look(State{ReportsThrough: c.read()})
	if got := drain(n); got != nil {
		t.Errorf("told %q", got)
	}
}

func TestNobody(t *testing.T) {
	t.Parallel()
	n, _ := newTest(t, "")
	if n != nil {
		t.Fatal("a notifier without a webhook")
	}
	n.Quarantined("f", 1, "n", "r")
}

// webhook answers what it is told to, and keeps what comes.
type webhook struct {
	mu       sync.Mutex
	answers  []int // for the first requests; then 200
	bodies   []string
	received chan struct{}
}

func (w *webhook) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	status := http.StatusOK
	if len(w.bodies) < len(w.answers) {
		status = w.answers[len(w.bodies)]
	}
	w.bodies = append(w.bodies, string(body))
	rw.WriteHeader(status)
	w.received <- struct{}{}
}

// TestDelivery sends to a server: a failure that may pass is tried again with the same message,
// one that lasts is not, and the next message goes all the same.
func TestDelivery(t *testing.T) {
	t.Parallel()
	hook := &webhook{answers: []int{503, 200, 404}, received: make(chan struct{}, 9)}
	server := httptest.NewServer(hook)
	defer server.Close()
	n, c := newTest(t, server.URL)
	done := make(chan struct{})
	go func() { defer close(done); n.Run(t.Context()) }()
	t.Cleanup(func() { <-done })
	n.Quarantined("f1", 1, "landing/orders/a.json", "unreadable_file")
	<-hook.received
	<-hook.received
	n.Look(State{DeadLetters: 1, ReportsThrough: c.read()})
	<-hook.received
	n.Look(State{DeadLetters: 1, QualityErrors: 1, ReportsThrough: c.read()})
	<-hook.received
	hook.mu.Lock()
	defer hook.mu.Unlock()
	if len(hook.bodies) != 4 || hook.bodies[0] != hook.bodies[1] {
		t.Fatalf("received %q", hook.bodies)
	}
	var got []Message
	for _, body := range hook.bodies[1:] {
		var m Message
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	want := []Message{
		{"Order pipeline: 1 file was quarantined: landing/orders/a.json (unreadable_file). Why: pipelinectl files show f1", QuarantinedFiles, "raised", 1, c.read()},
		{"Order pipeline: 1 dead letter to be settled: pipelinectl dlq list", DeadLetters, "raised", 1, c.read()},
		{"Order pipeline: 1 quality error, 1 today: the dashboard's page Quality names them", QualityErrors, "raised", 1, c.read()},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// TestFormats: what Slack and Discord would take for markup or for a call is text.
func TestFormats(t *testing.T) {
	t.Parallel()
	m := Message{Text: "<!channel> & @everyone"}
	for url, want := range map[string]string{
		"https://hooks.slack.com/services/T/B/X":     `{"text":"\u0026lt;!channel\u0026gt; \u0026amp; @everyone"}`,
		"https://discord.com/api/webhooks/1/x":       `{"allowed_mentions":{"parse":[]},"content":"\u003c!channel\u003e \u0026 @everyone"}`,
		"https://example.com/hook?x=hooks.slack.com": `{"text":"\u003c!channel\u003e \u0026 @everyone","source":"","status":"","count":0,"at":"0001-01-01T00:00:00Z"}`,
	} {
		cfg := Webhook{URL: url, Format: auto}
		if got, err := encode(cfg.format(), m); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", url, got, err, want)
		}
	}
}

// TestValidate: a wrong variable is named, and the URL, which is a secret, is never shown.
func TestValidate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cfg  Webhook
		want string
	}{
		"nobody":   {Webhook{Format: auto, Pause: 1, Interval: 1}, ""},
		"no URL":   {Webhook{URL: "secret", Format: auto, Pause: 1, Interval: 1}, "NOTIFY_URL must be a URL of http or https"},
		"a file":   {Webhook{URL: "file://secret/x", Format: auto, Pause: 1, Interval: 1}, "NOTIFY_URL must be"},
		"format":   {Webhook{URL: "http://h/", Format: "xml", Pause: 1, Interval: 1}, "NOTIFY_FORMAT must be one of"},
		"pause":    {Webhook{URL: "http://h/", Format: auto, Interval: 1}, "NOTIFY_PAUSE"},
		"interval": {Webhook{URL: "http://h/", Format: auto, Pause: 1}, "NOTIFY_INTERVAL"},
	} {
		err := tt.cfg.Validate()
		if (err != nil) != (tt.want != "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
