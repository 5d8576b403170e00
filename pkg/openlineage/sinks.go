package openlineage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/post"
)

// sink takes events, one JSON object at a time. A *post.RefusedError is lasting; other errors may pass. It is
// used by one goroutine.
type sink interface {
	Send(ctx context.Context, event []byte) error
}

// open finds out where events go.
func (c *Settings) open(client *pubsub.Client) (sink, error) {
	switch {
	case c.URL != "":
		address, err := url.JoinPath(c.URL, c.Endpoint)
		if err != nil {
			return nil, errors.New("OPENLINEAGE_URL and OPENLINEAGE_ENDPOINT are no URL")
		}
		return post.To("the receiver", address, c.APIKey), nil
	case c.Topic != "":
		return &topic{client.Publisher(c.Topic)}, nil
	default:
		return &lines{c.File}, nil
	}
}

// sendWithin bounds one call of Pub/Sub.
const sendWithin = 10 * time.Second

// topic is a Pub/Sub topic.
type topic struct{ publisher *pubsub.Publisher }

func (t *topic) Send(ctx context.Context, event []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if _, err := t.publisher.Publish(ctx, &pubsub.Message{Data: event}).Get(ctx); err != nil {
		return fmt.Errorf("publish an event: %w", err)
	}
	return nil
}

// lines is a file, which may be moved away at any time.
type lines struct{ path string }

func (l *lines) Send(_ context.Context, event []byte) (err error) {
	file, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.Copy(file, io.MultiReader(bytes.NewReader(event), strings.NewReader("\n")))
	return err
}
