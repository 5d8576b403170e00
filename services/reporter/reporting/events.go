package reporting

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// heartbeat is shorter than the minute after which proxies drop a silent stream.
	heartbeat = 15 * time.Second
	// eventWriteTimeout frees the stream of a client that has stopped reading.
	eventWriteTimeout = 10 * time.Second
	// reconnectAfter is how long a browser waits before it connects again.
	reconnectAfter = 2 * time.Second
)

// events serves the stream of server-sent events:
// https://html.spec.whatwg.org/multipage/server-sent-events.html
//
//	hello      once, and heartbeat every 15 s: {"now"}, the server's time
//	refresh    files have completed, ask for the data again: {"completed","files"}
type events struct {
	hub *hub
	now func() time.Time
}

func (e *events) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		e.head(w) // a stream without a body would never end
		return
	}
	if p := refuseQuery(r.URL.RawQuery); p != nil {
		writeProblem(w, http.StatusBadRequest, p)
		return
	}
	client, err := e.hub.subscribe()
	if err != nil {
		w.Header().Set("Retry-After", "30")
		writeProblem(w, http.StatusServiceUnavailable, &problem{code: "too_many_streams", message: "Too many pages are open. The data can still be asked for."})
		return
	}
	defer e.hub.unsubscribe(client)
	e.head(w)
	stream := http.NewResponseController(w)
	send := func(text string) bool {
		if err := stream.SetWriteDeadline(time.Now().Add(eventWriteTimeout)); err != nil {
			return false
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return false
		}
		return stream.Flush() == nil
	}
	if !send(fmt.Sprintf("retry: %d\n", reconnectAfter.Milliseconds()) + e.clock("hello")) {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var text string
		select {
		case <-r.Context().Done():
			return
		case <-e.hub.closed:
			return
		case data := <-client:
			text = "event: refresh\ndata: " + string(data) + "\n\n" // JSON has no line breaks
		case <-beat.C:
			text = e.clock("heartbeat")
		}
		if !send(text) {
			return
		}
	}
}

func (e *events) head(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // proxies must pass events on at once
}

func (e *events) clock(event string) string {
	data, err := json.Marshal(map[string]time.Time{"now": e.now().UTC()})
	if err != nil {
		return ""
	}
	return "event: " + event + "\ndata: " + string(data) + "\n\n"
}
