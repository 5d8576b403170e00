package loading

import (
	"slices"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// TestDaysMarked: whatever day an order can be of is among those that its mark can mean, and
// no other day with another mark.
func TestDaysMarked(t *testing.T) {
	t.Parallel()
	today := epoch.Day(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	for day := int32(-rules.MaxOrderAgeDays); day <= today+366; day++ {
		days := daysMarked(day&(markCycle-1), today)
		if !slices.Contains(days, day) {
			t.Fatalf("day %d is not among those of its mark: %v", day, days)
		}
		if slices.ContainsFunc(days, func(other int32) bool { return other&(markCycle-1) != day&(markCycle-1) }) {
			t.Fatalf("days %v have other marks than day %d", days, day)
		}
	}
}
