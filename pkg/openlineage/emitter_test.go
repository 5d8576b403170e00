package openlineage

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/metric/noop"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

func newTestEmitter(t *testing.T, cfg Settings) *Emitter {
	t.Helper()
	cfg.Queue = 4
	e, err := NewEmitter(&cfg, nil, noop.Meter{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestReceiver posts events with the key to the path of OpenLineage's clients; what was not taken comes again,
// and what is refused does not.
func TestReceiver(t *testing.T) {
	t.Parallel()
	answers := make(chan int, 3)
	type posted struct{ path, key, run string }
	got := make(chan posted, 3)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event Event
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		got <- posted{r.URL.Path, r.Header.Get("Authorization"), event.Run.ID.String()}
		w.WriteHeader(<-answers)
	}))
	t.Cleanup(server.Close)
	e := newTestEmitter(t, Settings{URL: server.URL + "/base", Endpoint: "api/v1/lineage", APIKey: "k"})
	events := newTestEvents(t).File(completedFile(pipelinev1.FileKind_FILE_KIND_ORDERS, 1, pipelinev1.Verdict_VERDICT_LOADED), nil)
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusCreated, http.StatusBadRequest} {
		answers <- status
	}
	for _, event := range events {
		e.deliver(t.Context(), event)
	}
	want := posted{"/base/api/v1/lineage", "Bearer k", events[0].Run.ID.String()}
	for range 3 { // the first twice, the second once
		if p := <-got; p != want {
			t.Errorf("%+v, want %+v", p, want)
		}
	}
}

// failing is a receiver that is away.
type failing struct{ tries int }

func (f *failing) Send(context.Context, []byte) error {
	f.tries++
	return errors.New("away")
}

// TestReceiverAway tries an event for minutes and gives it up. Emit does not wait meanwhile.
func TestReceiverAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := new(failing)
		e := newTestEmitter(t, Settings{File: "unused"})
		e.sink = away
		event := newTestEvents(t).File(completedFile(pipelinev1.FileKind_FILE_KIND_ORDERS, 1, pipelinev1.Verdict_VERDICT_LOADED), nil)[0]
		ctx, cancel := context.WithCancel(t.Context())
		go e.Run(ctx)
		begun := time.Now()
		for range 20 {
			e.Emit(ctx, event)
		}
		if took := time.Since(begun); took > 0 || len(e.queue) > cap(e.queue) {
			t.Errorf("to emit took %s, and %d wait", took, len(e.queue))
		}
		time.Sleep(2 * time.Hour) // of the bubble: the five that found room are given up
		synctest.Wait()
		if away.tries != 4*maxTries && away.tries != 5*maxTries || len(e.queue) > 0 {
			t.Errorf("%d tries, and %d events wait", away.tries, len(e.queue))
		}
		cancel()
		synctest.Wait()
	})
}

// TestFileOfEvents appends events to a file, also those that wait when the process ends.
func TestFileOfEvents(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.jsonl")
	e := newTestEmitter(t, Settings{File: path})
	events := newTestEvents(t).File(completedFile(pipelinev1.FileKind_FILE_KIND_ORDERS, 1, pipelinev1.Verdict_VERDICT_LOADED), nil)
	e.Emit(t.Context(), events...)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	e.Run(ended)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	for _, want := range events {
		line, err := lines.ReadBytes('\n')
		var got Event
		if err := errors.Join(err, json.Unmarshal(line, &got)); err != nil || got.EventType != want.EventType {
			t.Errorf("%s (%v), want %s", line, err, want.EventType)
		}
	}
	if _, err := lines.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("more than %d lines: %v", len(events), err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := Settings{URL: "https://catalog", Namespace: "n", Interval: time.Minute, Queue: 1}
	for want, change := range map[string]func(*Settings){
		"":       func(*Settings) {},
		"no URL": func(c *Settings) { c.URL = "catalog:5000" },
		"two":    func(c *Settings) { c.Topic = "lineage" },
		"space":  func(c *Settings) { c.Namespace = "" },
		"queue":  func(c *Settings) { c.Queue = 0 },
	} {
		c := good
		change(&c)
		if err := c.Validate(); (err == nil) != (want == "") {
			t.Errorf("%s: %v", want, err)
		}
	}
}
