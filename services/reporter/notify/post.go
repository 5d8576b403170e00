package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Message is one message; as JSON it is what a webhook of no known kind gets.
type Message struct {
	Text string `json:"text"`
	// Source of the trouble: quarantined_files, dead_letters, quality_errors or reports_late.
	Source string    `json:"source"`
	Status string    `json:"status"` // raised or cleared
	Count  int64     `json:"count"`  // how many of them
	At     time.Time `json:"at"`
}

const postWithin = 10 * time.Second

// refusedError is an answer that would be the same the next time.
type refusedError struct{ status string }

func (e *refusedError) Error() string { return "the webhook answers " + e.status }

// post sends a message. A *refusedError is lasting; others may pass. No error shows the URL.
func post(ctx context.Context, client *http.Client, address, format string, m Message) error {
	body, err := encode(format, m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, postWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("make the request to the webhook: NOTIFY_URL is no URL")
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		if call, ok := errors.AsType[*url.Error](err); ok {
			err = call.Err // the rest of it is the URL
		}
		return fmt.Errorf("call the webhook: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	switch {
	case resp.StatusCode < 300:
		return nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout, resp.StatusCode >= 500:
		return fmt.Errorf("the webhook answers %s", resp.Status)
	default:
		return &refusedError{resp.Status}
	}
}

// inSlack has Slack take what it would read as markup, such as <!channel>, for text.
var inSlack = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func encode(format string, m Message) ([]byte, error) {
	switch format {
	case slack:
		return json.Marshal(map[string]any{"text": inSlack.Replace(m.Text)})
	case discord:
		// A name in a text must not call anybody.
		return json.Marshal(map[string]any{"content": m.Text, "allowed_mentions": map[string]any{"parse": []string{}}})
	default:
		return json.Marshal(m)
	}
}
