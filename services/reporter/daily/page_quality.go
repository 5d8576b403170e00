package daily

import (
	"encoding/json"
	"math/big"
	"slices"
)

// qualitySection shows what needs a person first, then the audit's sections.
type qualitySection struct {
	note
	Errors, Warnings, Passed int
	Attention                []measurement
	MoreAttention            string
	Findings                 []findingRow
	MoreFindings             string
	Gaps                     []measurement // columns that are not filled throughout
	FullColumns, Columns     int
	Volume, Freshness        []measurement
	Expectations             []measurement // of the shop's own file
	Outcomes                 []outcomeRow
	Held, Later, After       *big.Rat // the day's orders, those that landed after it, and the hours until the last of them

	attention int64 // how many there are to show
}

type measurement struct {
	Section, Check, Table, Subject, Unit, Expectation, Status string
	Value                                                     *big.Rat
	Bar                                                       string   // a share as a width out of 100
	Examples                                                  []string // ids of records that break an expectation
}

// findingRow is a rule's findings in one kind of file.
type findingRow struct {
	Rule, Kind     string
	OnDay, InTotal *big.Rat
	Status         string
}

// outcomeRow is what became of the records of one kind of file.
type outcomeRow struct {
	Kind                                               string
	Files, Records, Loaded, Duplicates, Rejected, Held *big.Rat
}

const shownAttention, shownFindings = 25, 30

func newQuality(made run) *qualitySection { return &qualitySection{note: noteOf(made)} }

func (s *qualitySection) add(r record) {
	m := measurement{
		Section: r.text("section"), Check: r.text("check_name"), Table: r.text("table_name"), Subject: r.text("subject"),
		Unit: r.text("unit"), Expectation: r.text("expectation"), Status: r.text("status"), Value: r.number("value"),
	}
	if err := json.Unmarshal([]byte(r.text("examples")), &m.Examples); err != nil {
		m.Examples = nil // there are none
	}
	switch m.Status {
	case "error":
		s.Errors++
	case "warning":
		s.Warnings++
	case "ok":
		s.Passed++
	}
	if m.Status == "error" || m.Status == "warning" {
		// Findings and columns have tables of their own.
		if m.Section != "findings" && m.Section != "completeness" && m.Section != "expectations" {
			s.attention++
			if len(s.Attention) < shownAttention {
				s.Attention = append(s.Attention, m)
			}
		}
	}
	s.place(m)
}

func (s *qualitySection) finish() {
	s.MoreAttention = more(len(s.Attention), s.attention)
	// The report has all rules of the day before all rules in total.
	slices.SortStableFunc(s.Findings, func(a, b findingRow) int { return b.OnDay.Cmp(a.OnDay) })
	all := int64(len(s.Findings))
	s.Findings = s.Findings[:min(len(s.Findings), shownFindings)]
	s.MoreFindings = more(len(s.Findings), all)
}

// place puts a measurement into the tables that show it.
func (s *qualitySection) place(m measurement) {
	switch m.Section {
	case "findings":
		s.addFinding(m)
	case "completeness":
		s.Columns++
		if m.Value.Cmp(big.NewRat(1, 1)) == 0 {
			s.FullColumns++
			return
		}
		m.Bar = at(drawn(m.Value) * 100)
		s.Gaps = append(s.Gaps, m)
	case "expectations":
		s.Expectations = append(s.Expectations, m)
	case "volume":
		s.Volume = append(s.Volume, m)
	case "freshness":
		s.addFreshness(m)
	case "ledger":
		s.addOutcome(m)
	}
}

func (s *qualitySection) addFreshness(m measurement) {
	switch m.Check {
	case "orders_of_day":
		s.Held = m.Value
	case "orders_landed_later":
		s.Later = m.Value
	case "last_landing_after_day":
		s.After = m.Value
	default:
		if m.Unit == "hours" {
			s.Freshness = append(s.Freshness, m)
		}
	}
}

func (s *qualitySection) addFinding(m measurement) {
	if m.Check == "found_on_day" {
		s.Findings = append(s.Findings, findingRow{Rule: m.Subject, Kind: m.Table, OnDay: m.Value, Status: m.Status})
		return
	}
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Rule == m.Subject && f.Kind == m.Table {
			f.InTotal = m.Value
		}
	}
}

func (s *qualitySection) addOutcome(m measurement) {
	if m.Subject == "" || m.Table != "file_ledger" {
		return
	}
	i := slices.IndexFunc(s.Outcomes, func(o outcomeRow) bool { return o.Kind == m.Subject })
	if i < 0 {
		i = len(s.Outcomes)
		s.Outcomes = append(s.Outcomes, outcomeRow{Kind: m.Subject})
	}
	o := &s.Outcomes[i]
	switch m.Check {
	case "files":
		o.Files = m.Value
	case "records":
		o.Records = m.Value
	case "loaded":
		o.Loaded = m.Value
	case "duplicates":
		o.Duplicates = m.Value
	case "rejected":
		o.Rejected = m.Value
	case "held":
		o.Held = m.Value
	}
}
