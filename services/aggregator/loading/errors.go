package loading

import (
	"errors"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// Failures of files that are too much for one transaction. Fewer of them may do.
var (
	errTooSlow     = errors.New("longer than TRANSACTION_TIMEOUT")
	errTooManyDays = errors.New("more than MAX_DAYS_PER_TRANSACTION")
)

// errOtherZone is a file that was read by another clock than what is loaded.
var errOtherZone = errors.New("days of two clocks cannot be compared")

// staleFence is with what a transaction ends itself that another one has overtaken.
const staleFence = "stale_fence"

// objections are the rules by which a transaction ends itself because of a file.
var objections = []string{string(rules.DuplicateOrders), string(rules.ContradictingRecords), string(rules.LedgerImbalance)}

// failure is what kind of failure a transaction met, by which is decided what is done about
// its files.
type failure int

const (
	none       failure = iota
	early              // another transaction comes first
	passing            // it may do better the next time, with the same files
	slow               // it took too long; with fewer files it may fit
	manyDays           // it would change too many days; with fewer files it may not
	overBudget         // it would bill too much; with fewer files it may not
	lasting            // the same files will fail the same way again
)

// failureOf tells what kind a failure is. What is not known to last is taken for passing: an
// outage must not quarantine. A fence that another transaction has raised is read anew.
func failureOf(err error) failure {
	_, isEarly := errors.AsType[*notNow](err)
	switch {
	case err == nil:
		return none
	case isEarly:
		return early
	case errors.Is(err, errTooSlow):
		return slow
	case errors.Is(err, errTooManyDays):
		return manyDays
	case warehouse.OverBudget(err):
		return overBudget
	case errors.Is(err, errOtherZone):
		return lasting
	case warehouse.Raised(err, staleFence) == "" && warehouse.Permanent(err):
		return lasting
	default:
		return passing
	}
}

// culprit is the rule that a file broke whose transaction failed alone, and what
// a person should read about it.
func culprit(err error) (rule rules.ID, detail string) {
	switch rule := rules.ID(warehouse.Raised(err, objections...)); {
	case errors.Is(err, errTooManyDays):
		return rules.TooManyDays, err.Error()
	case errors.Is(err, errOtherZone):
		return rules.TimeZoneMismatch, err.Error()
	case rule == rules.DuplicateOrders:
		return rule, "orders whose ids came before with other content; the findings name them"
	case rule == rules.ContradictingRecords:
		return rule, "the same order_id stands in many records with other content, as in an export with one record per line of an order; the findings name them"
	case rule == rules.LedgerImbalance:
		return rule, err.Error()
	default:
		return rules.TransactionFailed, err.Error()
	}
}
