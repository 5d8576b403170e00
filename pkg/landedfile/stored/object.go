// Package stored reads what is in a landed file, wherever it waits or is kept: its bytes as
// they are stored, and unpacked. It knows nothing of records but where they stand.
package stored

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/storage"
)

// ErrNoAnswer is a bucket that does not answer in time.
var ErrNoAnswer = errors.New("no answer in time")

// Object is the content of one generation of a file. However long the whole takes, each
// step has to be answered within patience: an answer that never comes must not hold a
// file, and the place that it is read in, for ever.
type Object struct {
	Reader *storage.Reader
	ctx    context.Context
	cancel context.CancelFunc
	late   *time.Timer
	within time.Duration
}

// Open opens one; within is that patience. The reader stays with the generation it was opened at, over the
// client's own retries too.
func Open(ctx context.Context, from *storage.ObjectHandle, within time.Duration) (*Object, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	o := &Object{ctx: ctx, cancel: func() { cancel(nil) }, within: within}
	o.late = time.AfterFunc(within, func() { cancel(fmt.Errorf("%w: %v", ErrNoAnswer, within)) })
	reader, err := from.NewReader(ctx)
	o.late.Stop()
	if err != nil {
		err = o.explain(err)
		o.cancel()
		return nil, err
	}
	o.Reader = reader
	return o, nil
}

// Read implements io.Reader.
func (o *Object) Read(p []byte) (int, error) {
	o.late.Reset(o.within)
	n, err := o.Reader.Read(p)
	o.late.Stop()
	return n, o.explain(err)
}

// Close implements io.Closer.
func (o *Object) Close() error {
	o.cancel()
	return o.Reader.Close()
}

// explain says why a reading was cut off, if it was by us.
func (o *Object) explain(err error) error {
	if cause := context.Cause(o.ctx); err != nil && errors.Is(cause, ErrNoAnswer) {
		return cause
	}
	return err
}
