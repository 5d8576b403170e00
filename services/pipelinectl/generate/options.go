// Package generate writes sample orders, products and customers in the form in
// which the shops deliver them: orders as one JSON object per line, catalogs as CSV.
//
// A History is a shop's: what the sandbox shows. Orders are a sequence of any length,
// each drawn apart from the others: what tests and benchmarks load.
//
// Everything is derived from the seed: the same options give the same bytes, on
// every machine. Amounts are counted in whole cents, so that a total is exactly
// the sum of its lines. Faults are put in on request, by the id of the rule that
// each is meant to break, so that a test knows what the pipeline must find.
package generate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// Defaults of the options.
const (
	DefaultCustomers    = 1000
	DefaultProducts     = 100
	DefaultUnknownShare = 0.2
	DefaultVariedShare  = 0.2
)

// firstID is the number of the first customer and of the first product.
const firstID = 1000

// OrderOptions says what orders to write. The zero value of a field is its default.
type OrderOptions struct {
	// Seed decides everything that is drawn.
	Seed uint64
	// From and To bound the order times: From <= t < To. Both are needed.
	From, To time.Time
	// Customers and Products are how many of each the catalogs name; default
	// 1000 and 100, as WriteCustomers and WriteProducts write them.
	Customers, Products int
	// UnknownShare of the references points at nothing in the catalogs; default
	// a fifth. Below zero: none.
	UnknownShare float64
	// VariedShare of the orders leaves out what an order need not have (a customer, an
	// address, a line's product) and states taxes, shipping, discounts, refunds and the
	// statuses that go with them; default a fifth. Below zero: none.
	VariedShare float64
	// UpdateShare of the records are later versions of orders written before: paid, failed,
	// called off, paid back, of another customer, time or quantity, over hours and days but
	// before To; default none. With it every order says when it was updated.
	UpdateShare float64
	// Weights of completed, pending and failed; default 80, 12, 8.
	Weights [3]int
	// Faults gives the share of orders that break a rule.
	Faults Shares
}

func (o OrderOptions) withDefaults() (OrderOptions, error) {
	if o.Customers == 0 {
		o.Customers = DefaultCustomers
	}
	if o.Products == 0 {
		o.Products = DefaultProducts
	}
	if o.UnknownShare == 0 {
		o.UnknownShare = DefaultUnknownShare
	}
	o.UnknownShare = max(o.UnknownShare, 0)
	if o.VariedShare == 0 {
		o.VariedShare = DefaultVariedShare
	}
	o.VariedShare = max(o.VariedShare, 0)
	if o.Weights == [3]int{} {
		o.Weights = [3]int{80, 12, 8}
	}
	var faults []error
	if !o.From.Before(o.To) {
		faults = append(faults, fmt.Errorf("the time range from %s to %s is empty", o.From.Format(time.RFC3339), o.To.Format(time.RFC3339)))
	}
	if o.Customers < 1 || o.Products < 1 {
		faults = append(faults, errors.New("the catalogs need at least one customer and one product"))
	}
	if o.UnknownShare > 1 {
		faults = append(faults, fmt.Errorf("the share of unknown references, %g, is above 1", o.UnknownShare))
	}
	if o.VariedShare > 1 {
		faults = append(faults, fmt.Errorf("the share of varied orders, %g, is above 1", o.VariedShare))
	}
	if !(o.UpdateShare >= 0 && o.UpdateShare < 1) { // refuses NaN, too
		faults = append(faults, fmt.Errorf("the share of later versions, %g, is not from 0 to below 1", o.UpdateShare))
	}
	if slices.Min(o.Weights[:]) < 0 {
		faults = append(faults, fmt.Errorf("the weights of payment states, %v, must not be negative", o.Weights))
	}
	return o, errors.Join(faults...)
}

// Shares maps a rule to the share of records, from 0 to 1, that break it. A
// record breaks one rule at most, so they must not add up to more than 1.
type Shares map[rules.ID]float64

// ParseShares reads "rule=share,rule=share", such as "malformed_json=0.01".
func ParseShares(text string) (Shares, error) {
	shares := Shares{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		rule, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil, fmt.Errorf("fault %q: expected rule=share", part)
		}
		share, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("fault %q: the share is not a number", part)
		}
		shares[rules.ID(rule)] = share
	}
	return shares, nil
}

// picker chooses a rule to break, or none, by a number drawn from 64 bits.
type picker struct {
	rules  []rules.ID
	limits []uint64
}

// picker checks the shares against the rules that a kind of file can break.
func (s Shares) picker(known []rules.ID) (picker, error) {
	var p picker
	var sum float64
	for _, rule := range slices.Sorted(maps.Keys(s)) {
		share := s[rule]
		if !slices.Contains(known, rule) {
			return p, fmt.Errorf("no fault is named %q; known are %s", rule, join(known))
		}
		if !(share >= 0 && share <= 1) { // refuses NaN, too
			return p, fmt.Errorf("fault %s: the share %g is not between 0 and 1", rule, share)
		}
		if sum += share; sum > 1+1e-9 {
			return p, errors.New("the shares of all faults add up to more than 1")
		}
		p.rules = append(p.rules, rule)
		p.limits = append(p.limits, limit(sum))
	}
	return p, nil
}

// limit is the number below which a share of all 64-bit numbers lies.
func limit(share float64) uint64 {
	if share >= 1 {
		return 1<<64 - 1
	}
	return uint64(share * (1 << 64))
}

func (p picker) pick(drawn uint64) rules.ID {
	for i, l := range p.limits {
		if drawn < l {
			return p.rules[i]
		}
	}
	return ""
}

func join(ids []rules.ID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	return strings.Join(words, ", ")
}
