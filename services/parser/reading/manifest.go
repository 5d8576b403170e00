package reading

import (
	"maps"
	"slices"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
)

// manifest sums the reading up; fault is that of the file as a whole, or nil.
// What was read before a fault stays counted: those records were published, and
// the ledger accounts for them as held or refused. parsed_at is left to the caller.
func (r *Reading) manifest(fault *split.FileError) *pipelinev1.FileManifest {
	switch {
	case fault != nil:
	case r.isMostlyRefused():
		fault = r.mostlyRefused()
	}
	m := &pipelinev1.FileManifest{
		File:        r.File,
		ParseId:     r.ParseID,
		Records:     r.records,
		Accepted:    r.records - r.refused,
		Rejected:    r.refused,
		OrderDates:  r.touched.sortedDays(),
		HourDates:   r.touched.sortedHourDays(),
		Verdict:     pipelinev1.Verdict_VERDICT_LOADED,
		HasVersions: r.versioned,
		CatalogMode: r.catalogMode(),
		TimeZone:    r.policy.TimeZone.String(),
	}
	if r.File.GetKind() == pipelinev1.FileKind_FILE_KIND_ORDERS {
		// A record that contradicts another of the file counts as one that is refused.
		most := int64(r.policy.RejectFileShare * float64(r.records))
		if !r.File.GetOverrides().GetAcceptRefused() {
			most -= r.refused
		}
		m.MostContradictions = &most
	}
	if fault != nil {
		m.Verdict = pipelinev1.Verdict_VERDICT_QUARANTINED
		m.Reason, m.ReasonDetail = string(fault.Rule), fault.Detail
	}
	return m
}

// mostOf gives the rule that refused most, the first by name of equal ones.
func mostOf(rejected map[rules.ID]int64) rules.ID {
	var most rules.ID
	for _, rule := range slices.Sorted(maps.Keys(rejected)) {
		if most == "" || rejected[rule] > rejected[most] {
			most = rule
		}
	}
	return most
}

// touched is the set of the shop's days that orders touch, and of the days of UTC in which the hours
// of the shop's clock began, both since 1970. By default orders are accepted from eleven years only,
// so each set has about 4,000 members at most.
type touched struct {
	days, hourDays map[int32]struct{}
	last           quarter // neighbours in a file mostly share it
}

// quarter is a quarter of an hour on the shop's clock and in UTC.
type quarter struct{ utc, shop int64 }

// add notes an order's time, in microseconds since 1970, at which the shop's clock was so many
// seconds ahead of UTC.
func (t *touched) add(micros, offset int64) {
	const (
		perSecond = 1_000_000
		ofQuarter = 15 * 60
	)
	seconds := floorDiv(micros, perSecond)
	at := quarter{floorDiv(seconds, ofQuarter), floorDiv(seconds+offset, ofQuarter)}
	if t.days == nil {
		t.days, t.hourDays = make(map[int32]struct{}), make(map[int32]struct{})
	} else if at == t.last {
		return
	}
	t.last = at
	t.days[int32(floorDiv(at.shop, 4*24))] = struct{}{}
	shop := seconds + offset
	began := floorDiv(shop, 60*60)*60*60 - offset
	t.hourDays[int32(floorDiv(began, 24*60*60))] = struct{}{}
}

// floorDiv divides towards the past, also before 1970.
func floorDiv(a, b int64) int64 {
	quotient := a / b
	if a%b < 0 {
		quotient--
	}
	return quotient
}

func (t *touched) sortedHourDays() []int32 { return slices.Sorted(maps.Keys(t.hourDays)) }

func (t *touched) sortedDays() []int32 { return slices.Sorted(maps.Keys(t.days)) }
