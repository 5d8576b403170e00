package parsing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/storage"
)

// errNoAnswer is a bucket that does not answer in time.
var errNoAnswer = errors.New("no answer in time")

// object is the content of one generation of a file. However long the whole takes, each
// step has to be answered within patience: an answer that never comes must not hold a
// file, and the place that it is read in, for ever.
type object struct {
	reader *storage.Reader
	ctx    context.Context
	cancel context.CancelFunc
	late   *time.Timer
	within time.Duration
}

// openObject opens it. The reader stays with the generation it was opened at, over the
// client's own retries too.
func openObject(ctx context.Context, from *storage.ObjectHandle, within time.Duration) (*object, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	o := &object{ctx: ctx, cancel: func() { cancel(nil) }, within: within}
	o.late = time.AfterFunc(within, func() { cancel(fmt.Errorf("%w: %v", errNoAnswer, within)) })
	reader, err := from.NewReader(ctx)
	o.late.Stop()
	if err != nil {
		err = o.explain(err)
		o.cancel()
		return nil, err
	}
	o.reader = reader
	return o, nil
}

// Read implements io.Reader.
func (o *object) Read(p []byte) (int, error) {
	o.late.Reset(o.within)
	n, err := o.reader.Read(p)
	o.late.Stop()
	return n, o.explain(err)
}

// Close implements io.Closer.
func (o *object) Close() error {
	o.cancel()
	return o.reader.Close()
}

// explain says why a reading was cut off, if it was by us.
func (o *object) explain(err error) error {
	if cause := context.Cause(o.ctx); err != nil && errors.Is(cause, errNoAnswer) {
		return cause
	}
	return err
}
