package daily

import (
	"cmp"
	"math/big"
	"slices"

	"cloud.google.com/go/civil"
)

// churnSection shows the customers who may be gone by the value that goes with them, those
// who ordered once apart, and all of them by tier.
type churnSection struct {
	note
	All             churnTier // of any tier
	Tiers           []churnTier
	Customers, Once []churnCustomer
	More, MoreOnce  string

	tiers map[string]*churnTier
}

// churnTier sums up a tier. Levels and amounts are of those who came back.
type churnTier struct {
	Name                    string
	High, Medium, Low, Once int
	Value, AtRisk           *big.Rat
}

// Back is how many customers of the report came back at least once.
func (t churnTier) Back() int { return t.High + t.Medium + t.Low }

func (t *churnTier) count(c churnCustomer) {
	if c.Once {
		t.Once++
		return
	}
	switch c.Level {
	case "high":
		t.High++
	case "medium":
		t.Medium++
	default:
		t.Low++
	}
	t.Value.Add(t.Value, c.Value)
	t.AtRisk.Add(t.AtRisk, c.AtRisk)
}

type churnCustomer struct {
	ID, Name, Tier, Level      string
	Once                       bool
	Last                       civil.Date
	Days, Orders               int64
	Value, Usual, Risk, AtRisk *big.Rat
}

const (
	shownCustomers, shownOnce, shownTiers = 25, 10, 8
	// maxTiers bounds what is kept to rank tiers, which are a customers file's own
	// words. A shop has a handful; of more, those that come last are summed up.
	maxTiers   = 1000
	otherTiers = "(other)"
)

func newTier(name string) churnTier {
	return churnTier{Name: name, Value: new(big.Rat), AtRisk: new(big.Rat)}
}

func newChurn(made run) *churnSection {
	return &churnSection{note: noteOf(made), All: newTier(""), tiers: make(map[string]*churnTier)}
}

func (s *churnSection) add(r record) {
	c := churnCustomer{
		ID: r.text("customer_id"), Name: r.text("customer_name"), Tier: r.text("customer_tier"), Level: r.text("risk_level"),
		Once: r.text("segment") == "one_time", Last: r.date("last_order_date"),
		Days: r.whole("days_since_last_order"), Orders: r.whole("orders"), Value: r.number("lifetime_value"),
		Usual: r.number("usual_interval_days"), Risk: r.number("risk_score"), AtRisk: r.number("value_at_risk"),
	}
	s.All.count(c)
	s.tier(c.Tier).count(c)
	switch {
	case !c.Once && len(s.Customers) < shownCustomers:
		s.Customers = append(s.Customers, c)
	case c.Once && len(s.Once) < shownOnce:
		s.Once = append(s.Once, c)
	}
}

// tier is what the section knows of a tier.
func (s *churnSection) tier(name string) *churnTier {
	if s.tiers[name] == nil && len(s.tiers) >= maxTiers {
		name = otherTiers
	}
	if s.tiers[name] == nil {
		tier := newTier(name)
		s.tiers[name] = &tier
	}
	return s.tiers[name]
}

func (s *churnSection) finish() {
	for _, tier := range s.tiers {
		s.Tiers = append(s.Tiers, *tier)
	}
	slices.SortFunc(s.Tiers, func(a, b churnTier) int {
		return cmp.Or(b.AtRisk.Cmp(a.AtRisk), b.Value.Cmp(a.Value), cmp.Compare(a.Name, b.Name))
	})
	s.Tiers = s.Tiers[:min(len(s.Tiers), shownTiers)]
	s.More = more(len(s.Customers), int64(s.All.Back()))
	s.MoreOnce = more(len(s.Once), int64(s.All.Once))
}
