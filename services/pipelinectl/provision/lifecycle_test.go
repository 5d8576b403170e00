package provision

import (
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
)

func TestMendRules(t *testing.T) {
	t.Parallel()
	rule := func(action, class string, days int64, prefixes ...string) storage.LifecycleRule {
		return storage.LifecycleRule{
			Action:    storage.LifecycleAction{Type: action, StorageClass: class},
			Condition: storage.LifecycleCondition{AgeInDays: days, MatchesPrefix: prefixes},
		}
	}
	wanted := DefaultLifecycle().rules()
	foreign := rule(storage.DeleteAction, "", 1, "scratch/")
	both := rule(storage.DeleteAction, "", 9, "archive/", "scratch/")
	named := rule(storage.DeleteAction, "", 9, "archive/")
	named.Condition.MatchesSuffix = []string{".tmp"}
	abort := rule(storage.AbortIncompleteMPUAction, "", 7, "archive/")
	for name, tt := range map[string]struct {
		have, into []storage.LifecycleRule
		changes    []Change
	}{
		"none": {into: wanted, changes: []Change{
			{Setting: "lifecycle", To: "move to COLDLINE archive/ after 90 days"},
			{Setting: "lifecycle", To: "delete quarantine/ after 365 days"},
		}},
		"the same, in another order": {
			have: []storage.LifecycleRule{wanted[1], foreign, wanted[0]}, into: []storage.LifecycleRule{wanted[1], foreign, wanted[0]},
		},
		"another age, and strangers": {
			have: []storage.LifecycleRule{foreign, rule(storage.SetStorageClassAction, "COLDLINE", 30, "archive/"), both, wanted[1], named, abort},
			into: []storage.LifecycleRule{foreign, both, wanted[1], named, abort, wanted[0]},
			changes: []Change{
				{Setting: "lifecycle", From: "move to COLDLINE archive/ after 30 days"},
				{Setting: "lifecycle", To: "move to COLDLINE archive/ after 90 days"},
			},
		},
		"a rule that deletes the archive goes": {
			have: []storage.LifecycleRule{wanted[0], wanted[1], rule(storage.DeleteAction, "", 30, "archive/")}, into: wanted,
			changes: []Change{{Setting: "lifecycle", From: "delete archive/ after 30 days"}},
		},
		"twice the same": {
			have: []storage.LifecycleRule{wanted[0], wanted[1], wanted[0]}, into: wanted,
			changes: []Change{{Setting: "lifecycle", From: "move to COLDLINE archive/ after 90 days"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, changes := mendRules(tt.have, wanted)
			if diff := cmp.Diff(tt.into, got); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.changes, changes); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if _, again := mendRules(got, wanted); len(again) > 0 {
				t.Errorf("not settled: %v", again)
			}
		})
	}
}

// Files that somebody keeps longer than by default are not deleted, unless it is asked for.
func TestUnshortened(t *testing.T) {
	t.Parallel()
	deletes := func(prefix string, days int64) storage.LifecycleRule {
		return storage.LifecycleRule{
			Action:    storage.LifecycleAction{Type: storage.DeleteAction},
			Condition: storage.LifecycleCondition{AgeInDays: days, MatchesPrefix: []string{prefix}},
		}
	}
	wanted := DefaultLifecycle().rules()
	class, year := wanted[0], wanted[1]
	for name, tt := range map[string]struct {
		have, want, into []storage.LifecycleRule
		shorten          []string
		left             []Change
	}{
		"as provisioned": {have: wanted, want: wanted, into: wanted},
		"longer": {
			have: []storage.LifecycleRule{class, deletes("quarantine/", 1000)}, want: wanted, into: []storage.LifecycleRule{class, deletes("quarantine/", 1000)},
			left: []Change{{Setting: "lifecycle", From: "delete quarantine/ after 1000 days", To: "delete quarantine/ after 365 days", Left: "QUARANTINE_DELETE_DAYS=365"}},
		},
		"switched off": {
			have: []storage.LifecycleRule{class}, want: wanted, into: []storage.LifecycleRule{class},
			left: []Change{{Setting: "lifecycle", From: "never delete quarantine/", To: "delete quarantine/ after 365 days", Left: "QUARANTINE_DELETE_DAYS=365"}},
		},
		"switched off, and asked for": {have: []storage.LifecycleRule{class}, want: wanted, into: wanted, shorten: []string{QuarantineDeleteDays}},
		"the archive, and another asked for": {
			have: []storage.LifecycleRule{class}, want: append([]storage.LifecycleRule{deletes("archive/", 400)}, wanted...), into: wanted, shorten: []string{QuarantineDeleteDays},
			left: []Change{{Setting: "lifecycle", From: "never delete archive/", To: "delete archive/ after 400 days", Left: "ARCHIVE_DELETE_DAYS=400"}},
		},
		"sooner": {have: []storage.LifecycleRule{class, deletes("quarantine/", 9)}, want: wanted, into: wanted},
		"twice":  {have: []storage.LifecycleRule{class, deletes("quarantine/", 9), deletes("quarantine/", 999)}, want: wanted, into: wanted},
		"a stranger's rule": {
			have: []storage.LifecycleRule{class, year, deletes("exports/", 9)}, want: wanted, into: wanted,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, left := unshortened(tt.have, tt.want, tt.shorten)
			if diff := cmp.Diff(tt.into, got); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.left, left); diff != "" {
				t.Errorf("left alone (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLifecycleValidate(t *testing.T) {
	t.Parallel()
	if err := DefaultLifecycle().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for want, l := range map[string]Lifecycle{
		`ARCHIVE_CLASS must be NEARLINE, COLDLINE, ARCHIVE or empty, is "COLD"`: {ArchiveClass: "COLD", ArchiveClassDays: 1},
		"ARCHIVE_CLASS_DAYS must be positive, is 0":                             {ArchiveClass: "COLDLINE"},
		"ARCHIVE_DELETE_DAYS must be above ARCHIVE_CLASS_DAYS (90), is 90":      {ArchiveClass: "COLDLINE", ArchiveClassDays: 90, ArchiveDeleteDays: 90},
		"STAGING_DAYS must be 0 or at least 7, is 6":                            {ArchiveClassDays: 1, StagingDays: 6},
		"QUARANTINE_DELETE_DAYS must not be negative, is -1":                    {ArchiveClassDays: 1, QuarantineDeleteDays: -1},
	} {
		if err := l.Validate(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
