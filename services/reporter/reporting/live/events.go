package live

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
)

const (
	// heartbeat is shorter than the minute after which proxies drop a silent stream.
	heartbeat = 15 * time.Second
	// eventWriteTimeout frees the stream of a client that has stopped reading.
	eventWriteTimeout = 10 * time.Second
	// reconnectAfter is how long a browser waits before it connects again.
	reconnectAfter = 2 * time.Second
)

// Events serves the stream of server-sent events:
// https://html.spec.whatwg.org/multipage/server-sent-events.html
//
//	hello      once, and heartbeat every 15 s: {"now"}, the server's time
//	refresh    files have completed, ask for the data again: {"completed","files"}
type Events struct {
	Hub *Hub
	Now func() time.Time
}

// ServeHTTP streams until the client leaves or the hub ends.
func (e *Events) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		e.head(w) // a stream without a body would never end
		return
	}
	if _, p := answer.ParseQuery(r.URL.RawQuery); p != nil {
		p.Send(w)
		return
	}
	client, err := e.Hub.subscribe()
	if err != nil {
		w.Header().Set("Retry-After", "30")
		(&answer.Problem{
			Status: http.StatusServiceUnavailable, Code: "too_many_streams", Message: "Too many pages are open. The data can still be asked for.",
		}).Send(w)
		return
	}
	defer e.Hub.unsubscribe(client)
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
		case <-e.Hub.closed:
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

func (e *Events) head(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // proxies must pass events on at once
}

func (e *Events) clock(event string) string {
	data, err := json.Marshal(map[string]time.Time{"now": e.Now().UTC()})
	if err != nil {
		return ""
	}
	return "event: " + event + "\ndata: " + string(data) + "\n\n"
}
