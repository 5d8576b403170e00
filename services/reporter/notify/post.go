package notify

import (
	"context"
	"errors"

	"github.com/zackkki/ecomm_datapipeline/pkg/post"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
)

// Morning is the source of messages about a day whose reports were made.
const Morning = "morning"

// Post sends one message to a webhook, and tries again until it has gone, is refused for good, or ctx is done.
func Post(ctx context.Context, address, format string, m Message) error {
	body, err := encode(formatOf(address, format), m)
	if err != nil {
		return err
	}
	webhook := post.To("the webhook", address, "")
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		err := webhook.Send(ctx, body)
		if _, lasting := errors.AsType[*post.RefusedError](err); err == nil || lasting {
			return err
		}
		if sleep.For(ctx, pause) != nil {
			return err
		}
	}
}
