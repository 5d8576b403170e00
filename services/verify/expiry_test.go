package verify

import (
	"testing"
	"time"

	"cloud.google.com/go/storage"
)

func TestMayBeDeleted(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	const name = "quarantine/orders/id/a.json"
	deletes := func(c storage.LifecycleCondition) storage.LifecycleRule {
		return storage.LifecycleRule{Action: storage.LifecycleAction{Type: storage.DeleteAction}, Condition: c}
	}
	ours := deletes(storage.LifecycleCondition{AgeInDays: 365, MatchesPrefix: []string{"quarantine/"}})
	moves := ours
	moves.Action = storage.LifecycleAction{Type: storage.SetStorageClassAction, StorageClass: "COLDLINE"}
	old := now.AddDate(0, 0, -365)
	for test, tt := range map[string]struct {
		rules    []storage.LifecycleRule
		loadedAt time.Time
		want     bool
	}{
		"no rule":                {nil, old, false},
		"old enough":             {[]storage.LifecycleRule{ours}, old, true},
		"a second too young":     {[]storage.LifecycleRule{ours}, old.Add(time.Second), false},
		"the second rule":        {[]storage.LifecycleRule{moves, ours}, old, true},
		"only moved":             {[]storage.LifecycleRule{moves}, old, false},
		"another prefix":         {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{AgeInDays: 1, MatchesPrefix: []string{"archive/", "tmp/"}})}, old, false},
		"one of the prefixes":    {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{AgeInDays: 1, MatchesPrefix: []string{"archive/", "quarantine/o"}})}, old, true},
		"the whole bucket":       {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{AgeInDays: 30})}, old, true},
		"a suffix":               {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{AgeInDays: 30, MatchesSuffix: []string{".json"}})}, old, true},
		"another suffix":         {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{AgeInDays: 30, MatchesSuffix: []string{".csv"}})}, old, false},
		"made before a day":      {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{CreatedBefore: old.Add(time.Second)})}, old, true},
		"made after the day":     {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{CreatedBefore: old})}, old, false},
		"of a class":             {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{AgeInDays: 30, MatchesStorageClasses: []string{"COLDLINE"}})}, old, true},
		"earlier versions alone": {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{AgeInDays: 30, Liveness: storage.Archived})}, old, false},
		"many versions":          {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{AgeInDays: 30, NumNewerVersions: 3})}, old, false},
		"a custom time":          {[]storage.LifecycleRule{deletes(storage.LifecycleCondition{DaysSinceCustomTime: 30})}, old, false},
	} {
		t.Run(test, func(t *testing.T) {
			t.Parallel()
			if got := mayBeDeleted(tt.rules, name, tt.loadedAt, now); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
