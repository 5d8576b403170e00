package daily

import (
	"math/big"
	"time"

	"cloud.google.com/go/civil"
)

// shownCohorts is how many months of first orders the page has.
const shownCohorts = 12

// shownMonths are the months after the first one that the page tells of.
var shownMonths = []int64{1, 2, 3, 6, 12}

// cohortsSection shows the newest cohorts.
type cohortsSection struct {
	note
	Cohorts []*cohort
	More    string

	seen int // cohorts so far
}

// cohort is a month of first orders.
type cohort struct {
	Month     civil.Date
	Customers int64
	Shares    []*big.Rat // of shownMonths; nil: not over yet
	Value     *big.Rat   // per customer, so far
}

func newCohorts(made run) *cohortsSection { return &cohortsSection{note: noteOf(made)} }

// Name is the cohort's month.
func (c *cohort) Name() string { return c.Month.In(time.UTC).Format("January 2006") }

func (s *cohortsSection) add(r record) {
	if r.whole("months_since") == 0 {
		s.seen++
		if s.seen <= shownCohorts {
			s.Cohorts = append(s.Cohorts, &cohort{Month: r.date("cohort_month"), Customers: r.whole("customers"), Shares: make([]*big.Rat, len(shownMonths))})
		}
	}
	if s.seen > shownCohorts {
		return
	}
	c := s.Cohorts[len(s.Cohorts)-1]
	c.Value = r.number("revenue_per_customer")
	isOver, _ := r["is_over"].(bool)
	for i, months := range shownMonths {
		if isOver && r.whole("months_since") == months {
			c.Shares[i] = r.number("buyer_share")
		}
	}
}

func (s *cohortsSection) finish() { s.More = more(len(s.Cohorts), int64(s.seen)) }
