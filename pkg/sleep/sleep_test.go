package sleep_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
)

func TestFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // whose clock moves only while all wait
		began := time.Now()
		if err := sleep.For(t.Context(), time.Hour); err != nil || time.Since(began) != time.Hour {
			t.Errorf("an hour: %v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began = time.Now()
		if err := sleep.For(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Minute {
			t.Errorf("a minute: %v after %v", err, time.Since(began))
		}
		for _, d := range []time.Duration{0, -time.Second} {
			if err := sleep.For(t.Context(), d); err != nil {
				t.Errorf("%v: %v", d, err)
			}
			if err := sleep.For(ctx, d); err == nil {
				t.Errorf("%v, after the context's end: no error", d)
			}
		}
	})
}
