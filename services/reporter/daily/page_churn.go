package daily

import (
	"cmp"
	"math/big"
	"slices"

	"cloud.google.com/go/civil"
)

// churnSection shows the customers who stay away, and what they were worth by tier.
type churnSection struct {
	note
	High, Medium, Low int
	Value             *big.Rat // of all of them
	Tiers             []churnTier
	Customers         []churnCustomer
	More              string

	tiers map[string]*churnTier
}

type churnTier struct {
	Name              string
	High, Medium, Low int
	Value             *big.Rat
}

// All is how many customers of the tier are in the report.
func (t churnTier) All() int { return t.High + t.Medium + t.Low }

type churnCustomer struct {
	ID, Name, Tier, Level        string
	Last                         civil.Date
	Days, Orders                 int64
	Value, Usual, Expected, Risk *big.Rat
	Bar                          string // Risk as a width out of 100
}

const (
	shownCustomers, shownTiers = 25, 8
	// maxTiers bounds what is kept to rank tiers, which are a customers file's own
	// words. A shop has a handful; of more, those that come last are summed up.
	maxTiers   = 1000
	otherTiers = "(other)"
)

func newChurn(made run) *churnSection {
	return &churnSection{note: noteOf(made), Value: new(big.Rat), tiers: make(map[string]*churnTier)}
}

func (s *churnSection) add(r record) {
	c := churnCustomer{
		ID: r.text("customer_id"), Name: r.text("customer_name"), Tier: r.text("customer_tier"), Level: r.text("risk_level"),
		Last: r.date("last_order_date"), Days: r.whole("days_since_last_order"), Orders: r.whole("orders"),
		Value: r.number("lifetime_value"), Usual: r.number("usual_interval_days"), Expected: r.number("expected_interval_days"),
		Risk: r.number("risk_score"),
	}
	tier := s.tier(c.Tier)
	tier.Value.Add(tier.Value, c.Value)
	s.Value.Add(s.Value, c.Value)
	switch c.Level {
	case "high":
		s.High++
		tier.High++
	case "medium":
		s.Medium++
		tier.Medium++
	default:
		s.Low++
		tier.Low++
	}
	if len(s.Customers) < shownCustomers {
		c.Bar = at(drawn(c.Risk) * 100)
		s.Customers = append(s.Customers, c)
	}
}

// tier is what the section knows of a tier.
func (s *churnSection) tier(name string) *churnTier {
	if s.tiers[name] == nil && len(s.tiers) >= maxTiers {
		name = otherTiers
	}
	if s.tiers[name] == nil {
		s.tiers[name] = &churnTier{Name: name, Value: new(big.Rat)}
	}
	return s.tiers[name]
}

func (s *churnSection) finish() {
	for _, tier := range s.tiers {
		s.Tiers = append(s.Tiers, *tier)
	}
	slices.SortFunc(s.Tiers, func(a, b churnTier) int {
		return cmp.Or(b.Value.Cmp(a.Value), cmp.Compare(a.Name, b.Name))
	})
	s.Tiers = s.Tiers[:min(len(s.Tiers), shownTiers)]
	s.More = more(len(s.Customers), s.Rows)
}
