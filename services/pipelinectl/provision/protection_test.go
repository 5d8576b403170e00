package provision

import (
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
)

const day = 24 * time.Hour

func TestBucketThatKeepsWhatIsDeleted(t *testing.T) {
	t.Parallel()
	rule := func(c storage.LifecycleCondition) storage.Lifecycle {
		return storage.Lifecycle{Rules: []storage.LifecycleRule{{Action: storage.LifecycleAction{Type: storage.DeleteAction}, Condition: c}}}
	}
	for name, tt := range map[string]struct {
		have           storage.BucketAttrs
		conflict, note string
	}{
		"as provisioned":      {have: storage.BucketAttrs{SoftDeletePolicy: &storage.SoftDeletePolicy{RetentionDuration: softDelete}}},
		"no soft delete":      {have: storage.BucketAttrs{SoftDeletePolicy: &storage.SoftDeletePolicy{}}},
		"a longer one":        {have: storage.BucketAttrs{SoftDeletePolicy: &storage.SoftDeletePolicy{RetentionDuration: 30 * day}}, note: "billed for 30 days more"},
		"retention":           {have: storage.BucketAttrs{RetentionPolicy: &storage.RetentionPolicy{RetentionPeriod: 30 * day}}, conflict: "--clear-retention-period"},
		"locked retention":    {have: storage.BucketAttrs{RetentionPolicy: &storage.RetentionPolicy{RetentionPeriod: time.Hour, IsLocked: true}}, conflict: "keeps every object for 1h0m0s"},
		"versions":            {have: storage.BucketAttrs{VersioningEnabled: true}, note: "billed for good"},
		"versions with age":   {have: storage.BucketAttrs{VersioningEnabled: true, Lifecycle: rule(storage.LifecycleCondition{DaysSinceNoncurrentTime: 3})}},
		"versions by number":  {have: storage.BucketAttrs{VersioningEnabled: true, Lifecycle: rule(storage.LifecycleCondition{NumNewerVersions: 1})}},
		"a rule of one place": {have: storage.BucketAttrs{VersioningEnabled: true, Lifecycle: rule(storage.LifecycleCondition{DaysSinceNoncurrentTime: 3, MatchesPrefix: []string{"x/"}})}, note: "billed for good"},
		"a rule of live ones": {have: storage.BucketAttrs{VersioningEnabled: true, Lifecycle: rule(storage.LifecycleCondition{AgeInDays: 3, Liveness: storage.Live})}, note: "billed for good"},
	} {
		conflict, notes := undeletable(&tt.have), bucketNotes(&tt.have)
		if (conflict == "") != (tt.conflict == "") || !strings.Contains(conflict, tt.conflict) {
			t.Errorf("%s: conflict %q", name, conflict)
		}
		if (len(notes) == 0) != (tt.note == "") || len(notes) > 0 && (!strings.Contains(notes[0].Note, tt.note) || notes[0].Remedy == "" || pending(notes)) {
			t.Errorf("%s: notes %v", name, notes)
		}
	}
}
