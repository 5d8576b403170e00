package openlineage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
)

// sink takes events, one JSON object at a time. A *refusedError is lasting; other errors may pass. It is
// used by one goroutine.
type sink interface {
	send(ctx context.Context, event []byte) error
}

// open finds out where events go.
func (c *Settings) open(client *pubsub.Client) (sink, error) {
	switch {
	case c.URL != "":
		address, err := url.JoinPath(c.URL, c.Endpoint)
		if err != nil {
			return nil, errors.New("OPENLINEAGE_URL and OPENLINEAGE_ENDPOINT are no URL")
		}
		// A redirect would carry the key to another host.
		noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		return &receiver{address, c.APIKey, &http.Client{CheckRedirect: noRedirect}}, nil
	case c.Topic != "":
		return &topic{client.Publisher(c.Topic)}, nil
	default:
		return &lines{c.File}, nil
	}
}

// refusedError is an answer that would be the same the next time.
type refusedError struct{ status string }

func (e *refusedError) Error() string { return "the receiver answers " + e.status }

// receiver is a server of OpenLineage's API.
type receiver struct {
	address, key string
	client       *http.Client
}

const sendWithin = 10 * time.Second

func (r *receiver) send(ctx context.Context, event []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.address, bytes.NewReader(event))
	if err != nil {
		return &refusedError{"nothing: OPENLINEAGE_URL is no URL"}
	}
	req.Header.Set("Content-Type", "application/json")
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return fmt.Errorf("post an event: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	switch {
	case resp.StatusCode < 300:
		return nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout, resp.StatusCode >= 500:
		return fmt.Errorf("the receiver answers %s", resp.Status)
	default:
		return &refusedError{resp.Status}
	}
}

// topic is a Pub/Sub topic.
type topic struct{ publisher *pubsub.Publisher }

func (t *topic) send(ctx context.Context, event []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if _, err := t.publisher.Publish(ctx, &pubsub.Message{Data: event}).Get(ctx); err != nil {
		return fmt.Errorf("publish an event: %w", err)
	}
	return nil
}

// lines is a file, which may be moved away at any time.
type lines struct{ path string }

func (l *lines) send(_ context.Context, event []byte) (err error) {
	file, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.Copy(file, io.MultiReader(bytes.NewReader(event), strings.NewReader("\n")))
	return err
}
