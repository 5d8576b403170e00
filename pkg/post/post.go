// Package post sends JSON to servers of other people, such as a webhook or a catalog of data, and judges
// their answers in one place: what is taken, what may be taken the next time, and what never will be.
package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// RefusedError is an answer that would be the same the next time.
type RefusedError struct{ reason string }

func (e *RefusedError) Error() string { return e.reason }

// Receiver is an address that takes JSON. Safe for concurrent use.
type Receiver struct {
	name, address, key string
	client             *http.Client
}

// within bounds one request.
const within = 10 * time.Second

// To describes a receiver by the name that errors give it, such as "the webhook", its address, and the
// bearer token that it asks for; "" if it asks for none.
func To(name, address, key string) *Receiver {
	// A redirect would carry the key, and what is said, to another host.
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Receiver{name, address, key, &http.Client{CheckRedirect: noRedirect}}
}

// Send posts one JSON value. A *RefusedError is lasting; other errors may pass. No error shows the address,
// which may be a secret.
func (r *Receiver) Send(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.address, bytes.NewReader(body))
	if err != nil {
		return &RefusedError{r.name + " has an address that is no URL"}
	}
	req.Header.Set("Content-Type", "application/json")
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		if call, ok := errors.AsType[*url.Error](err); ok {
			err = call.Err // the rest of it is the URL
		}
		return fmt.Errorf("call %s: %w", r.name, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	return r.judge(resp)
}

func (r *Receiver) judge(resp *http.Response) error {
	switch {
	case resp.StatusCode < 300:
		return nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout, resp.StatusCode >= 500:
		return fmt.Errorf("%s answers %s", r.name, resp.Status)
	default:
		return &RefusedError{r.name + " answers " + resp.Status}
	}
}
