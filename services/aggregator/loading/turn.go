package loading

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
)

// Transactions are run in turns, whatever the number of aggregators, since each is paid
// for. Whose turn it is, the warehouse tells: the fence says when the last one began, and
// the id of a transaction's job is made of the fence's epoch, so that BigQuery lets only one
// of them begin. The aggregator that comes second waits for that job, even if the process
// that began it has died meanwhile.

// notNow tells that the files wait for a transaction that is not this one.
type notNow struct{ wait time.Duration }

func (n *notNow) Error() string { return fmt.Sprintf("the next transaction may begin in %v", n.wait) }

// awaitAnother leaves the files to a later round of the loop, as a notNow tells.
func (s *Service) awaitAnother(err error) {
	if later, is := errors.AsType[*notNow](err); is {
		s.next = s.now().Add(later.wait)
	}
}

// awaitTurn tells, by a notNow, that a transaction would be too early. Who ran the last one
// lets the others go first, so that nobody's files wait for ever. What is left of that, as the
// warehouse's clock counts from a little later, is waited for here: to ask again would be billed.
func (s *Service) awaitTurn(ctx context.Context, p *plan) error {
	interval := s.config.TransactionInterval
	if s.own == p.epoch {
		interval += s.courtesy()
	}
	wait := interval - p.since
	switch {
	case !p.raised, wait <= 0:
	case wait > s.courtesy():
		return &notNow{wait}
	default:
		_ = sleep.For(ctx, wait)
	}
	return nil
}

// courtesy is how much longer than the others the one waits that ran the last transaction.
func (s *Service) courtesy() time.Duration {
	return min(s.config.CompletenessInterval, s.config.TransactionInterval/10)
}

// settleKnown settles the files that another's transaction has loaded, as the ledger tells
// at an epoch. If there are any, it puts the first transaction of a round off by a notNow.
func (s *Service) settleKnown(ctx context.Context, b *batch, epoch int64, first bool) error {
	ledger, err := s.star.ledger(ctx, b)
	if err != nil {
		return err
	}
	s.seen = epoch
	known := slices.DeleteFunc(slices.Clone(b.files), func(file *waiting) bool {
		row, ok := ledger[file.id()]
		return !ok || row.Revision < file.revision()
	})
	if len(known) == 0 {
		return nil
	}
	s.announce(ctx, known, ledger)
	if first {
		return &notNow{}
	}
	return nil
}
