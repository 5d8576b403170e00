// Package live tells the open pages that files have completed, so that they ask again.
package live

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// CompletedFile is what a refresh tells about a file.
type CompletedFile struct {
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

// Refresh is the event that tells pages to ask anew.
type Refresh struct {
	// Completed counts the files since the last refresh. Files names the
	// newest.
	Completed int             `json:"completed"`
	Files     []CompletedFile `json:"files"`
}

// maxRefreshFiles bounds the files that one refresh names.
const maxRefreshFiles = 20

var errTooManyClients = errors.New("too many event streams are open")

// Hub gathers completed files and tells the open pages of them: at once after
// a pause, else at most once per interval. Safe for concurrent use.
type Hub struct {
	interval   time.Duration
	maxClients int
	// changed runs before each refresh goes out, so that the questions that it
	// provokes get fresh answers.
	changed func()

	wake   chan struct{} // holds one when files are pending
	closed chan struct{} // closed when Run ends

	mu      sync.Mutex
	pending Refresh
	clients map[chan []byte]struct{}
}

// NewHub makes a hub that tells at most maxClients streams, once per interval at most, and
// calls changed before each time.
func NewHub(interval time.Duration, maxClients int, changed func()) *Hub {
	return &Hub{
		interval:   interval,
		maxClients: maxClients,
		changed:    changed,
		wake:       make(chan struct{}, 1),
		closed:     make(chan struct{}),
		clients:    make(map[chan []byte]struct{}),
	}
}

// add notes a completed file.
func (h *Hub) add(f CompletedFile) {
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

// Run sends refreshes until ctx is done; then it ends all streams.
func (h *Hub) Run(ctx context.Context) {
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

func (h *Hub) send() {
	h.changed()
	h.mu.Lock()
	defer h.mu.Unlock()
	event := h.pending
	h.pending = Refresh{}
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
func (h *Hub) subscribe() (chan []byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.clients) >= h.maxClients {
		return nil, errTooManyClients
	}
	client := make(chan []byte, 1) // only send writes to it, under the lock
	h.clients[client] = struct{}{}
	return client, nil
}

func (h *Hub) unsubscribe(client chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, client)
}

// Streams is the number of open streams.
func (h *Hub) Streams() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}
