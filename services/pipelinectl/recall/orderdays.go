package recall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"cloud.google.com/go/civil"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/feed"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

// OrderDays finds files by the days of their orders. Nothing outside of a file says what days these are, so the
// files are read, by the parser's own code, up to the first order of such a day.
type OrderDays struct {
	// From and To are the shop's days, both inclusive; nil: any.
	From, To *civil.Date
	Policy   reading.Policy
	Sources  *source.Set
}

// atOnce is how many files are read at the same time: most of the time of a small one is waiting for the bucket.
const atOnce = 8

// Among gives those of the files that have such an order, in their order, and the number of those that have no order
// at all: nothing in them can be read as one here, and so they have no day. It tells how many files it has read. A file
// that the bucket does not give is an error, after the others were looked at.
func (d OrderDays) Among(ctx context.Context, c *Client, files []File, read func(int)) (with []File, without int, err error) {
	answers, faults := make([]dated, len(files)), make([]error, len(files))
	var (
		readers errgroup.Group
		mu      sync.Mutex // read is called by one goroutine at a time
		done    int
	)
	readers.SetLimit(atOnce)
	for i, f := range files {
		readers.Go(func() error {
			answers[i], faults[i] = d.look(ctx, c, f)
			mu.Lock()
			defer mu.Unlock()
			done++
			read(done)
			return nil
		})
	}
	_ = readers.Wait() // what went wrong is told by file
	for i, f := range files {
		switch answers[i] {
		case theseDays:
			with = append(with, f)
		case noOrder:
			without++
		}
	}
	return with, without, errors.Join(faults...)
}

// dated is what the orders of a file are.
type dated int

const (
	otherDays dated = iota
	theseDays
	noOrder
)

func (d OrderDays) look(ctx context.Context, c *Client, f File) (dated, error) {
	kind := topology.KindOf(f.LandingName)
	if kind != pipelinev1.FileKind_FILE_KIND_ORDERS {
		return otherDays, nil
	}
	file := &pipelinev1.LandedFile{FileId: f.ID, Kind: kind, LandingName: f.LandingName, LandedAt: timestamppb.New(f.LandedAt), Revision: f.Revision}
	seen := &orderSeeker{days: d, answer: noOrder}
	_, err := reading.New(file, d.Policy, d.Sources, f.LandedAt).Read(ctx, func(ctx context.Context) (io.ReadCloser, int64, error) {
		r, err := c.bucket.Object(f.kept).ReadCompressed(true).NewReader(ctx)
		if err != nil {
			return nil, 0, err
		}
		return r, r.Attrs.Size, nil
	}, seen)
	if err != nil && !errors.Is(err, errFound) {
		return otherDays, fmt.Errorf("read %s: %w", f.kept, err)
	}
	return seen.answer, nil
}

// errFound ends a reading at the first order of the days.
var errFound = errors.New("found")

// orderSeeker is the outlet of a reading that looks for an order of some days.
type orderSeeker struct {
	days   OrderDays
	answer dated
}

// Accept implements reading.Outlet.
func (s *orderSeeker) Accept(_ context.Context, a *decode.Accepted) error {
	order, ok := a.Message.(*ordersv1.Order)
	if !ok {
		return nil
	}
	s.answer = otherDays
	day := civil.DateOf(feed.Date(order))
	if s.days.From != nil && day.Before(*s.days.From) || s.days.To != nil && day.After(*s.days.To) {
		return nil
	}
	s.answer = theseDays
	return errFound
}

// Reject implements reading.Outlet.
func (s *orderSeeker) Reject(context.Context, *pipelinev1.RejectedRecord) error { return nil }
