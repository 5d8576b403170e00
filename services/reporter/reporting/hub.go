package reporting

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// completedFile is what a refresh tells about a file.
type completedFile struct {
	FileID      string    `json:"file_id"`
	Kind        string    `json:"kind"`
	LandingName string    `json:"landing_name"`
	Verdict     string    `json:"verdict"`
	Reason      string    `json:"reason,omitempty"`
	Records     int64     `json:"records"`
	Loaded      int64     `json:"loaded"`
	Duplicates  int64     `json:"duplicates"`
	Rejected    int64     `json:"rejected"`
	Held        int64     `json:"held"`
	LandedAt    time.Time `json:"landed_at"`
	LoadedAt    time.Time `json:"loaded_at"`
}

// refresh is the event that tells pages to ask anew.
type refresh struct {
	// Completed counts the files since the last refresh. Files names the
	// newest.
	Completed int             `json:"completed"`
	Files     []completedFile `json:"files"`
}

// maxRefreshFiles bounds the files that one refresh names.
const maxRefreshFiles = 20

var errTooManyClients = errors.New("too many event streams are open")

// hub gathers completed files and tells the open pages of them: at once after
// a pause, else at most once per interval. Safe for concurrent use.
type hub struct {
	interval   time.Duration
	maxClients int
	// changed runs before each refresh goes out, so that the questions that it
	// provokes get fresh answers.
	changed func()

	wake   chan struct{} // holds one when files are pending
	closed chan struct{} // closed when Run ends

	mu      sync.Mutex
	pending refresh
	clients map[chan []byte]struct{}
}

func newHub(interval time.Duration, maxClients int, changed func()) *hub {
	return &hub{
		interval:   interval,
		maxClients: maxClients,
		changed:    changed,
		wake:       make(chan struct{}, 1),
		closed:     make(chan struct{}),
		clients:    make(map[chan []byte]struct{}),
	}
}

// add notes a completed file.
func (h *hub) add(f completedFile) {
	h.mu.Lock()
	h.pending.Completed++
	h.pending.Files = append(h.pending.Files, f)
	if n := len(h.pending.Files); n > maxRefreshFiles {
		h.pending.Files = append(h.pending.Files[:0], h.pending.Files[n-maxRefreshFiles:]...)
	}
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default: // the refresh to come includes this file
	}
}

// run sends refreshes until ctx is done; then it ends all streams.
func (h *hub) run(ctx context.Context) {
	defer close(h.closed)
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		}
		h.send()
		pause.Reset(h.interval)
	}
}

func (h *hub) send() {
	h.changed()
	h.mu.Lock()
	defer h.mu.Unlock()
	event := h.pending
	h.pending = refresh{}
	data, err := json.Marshal(event)
	if err != nil {
		return // a struct of texts, numbers and times always encodes
	}
	for client := range h.clients {
		// Only a slow client still holds the last refresh. The new one replaces
		// it: either makes the page ask for everything.
		select {
		case <-client:
		default:
		}
		client <- data
	}
}

// subscribe opens a stream of refreshes; the caller must unsubscribe.
func (h *hub) subscribe() (chan []byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.clients) >= h.maxClients {
		return nil, errTooManyClients
	}
	client := make(chan []byte, 1) // only send writes to it, under the lock
	h.clients[client] = struct{}{}
	return client, nil
}

func (h *hub) unsubscribe(client chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, client)
}

// streams is the number of open streams.
func (h *hub) streams() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}
