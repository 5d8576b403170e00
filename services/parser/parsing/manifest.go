package parsing

import (
	"fmt"
	"maps"
	"slices"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing/split"
)

// manifest sums the reading up; fault is that of the file as a whole, or nil.
// What was read before a fault stays counted: those records were published, and
// the ledger accounts for them as held or refused. parsed_at is left to the caller.
func (r *reading) manifest(fault *split.FileError) *pipelinev1.FileManifest {
	rejected := int64(0)
	for _, n := range r.rejected {
		rejected += n
	}
	switch {
	case fault != nil:
	case r.records == 0:
		fault = emptyFile()
	case r.file.GetOverrides().GetAcceptRefused():
	case float64(rejected) > r.policy.RejectFileShare*float64(r.records):
		fault = &split.FileError{Rule: rules.MostlyRefused, Detail: fmt.Sprintf(
			"%d of %d records were refused, more than the share of %v; most by %s",
			rejected, r.records, r.policy.RejectFileShare, mostOf(r.rejected))}
	}
	m := &pipelinev1.FileManifest{
		File:       r.file,
		ParseId:    r.parseID,
		Records:    r.records,
		Accepted:   r.records - rejected,
		Rejected:   rejected,
		OrderDates: r.touched.dates(),
		OrderHours: r.touched.sorted(),
		Verdict:    pipelinev1.Verdict_VERDICT_LOADED,
	}
	if fault != nil {
		m.Verdict = pipelinev1.Verdict_VERDICT_QUARANTINED
		m.Reason, m.ReasonDetail = string(fault.Rule), fault.Detail
	}
	return m
}

func emptyFile() *split.FileError {
	return &split.FileError{Rule: rules.EmptyFile, Detail: "the file holds no record"}
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

// touched is the set of hours that orders touch, in hours since 1970. Orders are
// accepted from eleven years only, so that it has at most 97,000 members.
type touched struct {
	hours map[int32]struct{}
	last  int32 // neighbours in a file mostly share the hour
}

func (t *touched) add(micros int64) {
	const perHour = 3600 * 1_000_000
	hour := int32(micros / perHour)
	if micros%perHour < 0 {
		hour--
	}
	if t.hours == nil {
		t.hours = make(map[int32]struct{})
	} else if hour == t.last {
		return
	}
	t.last = hour
	t.hours[hour] = struct{}{}
}

func (t *touched) sorted() []int32 { return slices.Sorted(maps.Keys(t.hours)) }

// dates gives the days of the hours, in days since 1970.
func (t *touched) dates() []int32 {
	var days []int32
	for _, hour := range t.sorted() {
		day := hour / 24
		if hour%24 < 0 {
			day--
		}
		if len(days) == 0 || days[len(days)-1] != day {
			days = append(days, day)
		}
	}
	return days
}
