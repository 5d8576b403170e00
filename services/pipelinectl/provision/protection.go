package provision

import (
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/storage"
)

// A bucket has three ways to keep what is deleted. The pipeline deletes each file
// twice on its way, from landing/ when it is claimed and from staging/ when it is put
// away, each time by its generation, which leaves no noncurrent version but is held by
// a retention policy and billed by soft delete. All three are the owner's to decide:
// provisioning says what they mean and changes none.

// undeletable says why no object of the bucket can be deleted; empty: it can.
func undeletable(have *storage.BucketAttrs) string {
	if have.RetentionPolicy == nil || have.RetentionPolicy.RetentionPeriod == 0 {
		return ""
	}
	remedy := "take the policy away (gcloud storage buckets update gs://" + have.Name + " --clear-retention-period) or use another bucket"
	if have.RetentionPolicy.IsLocked {
		remedy = "the policy is locked for good, use another bucket"
	}
	return fmt.Sprintf("its retention policy keeps every object for %s: files cannot be moved out of landing/, no claim can finish; %s",
		daysText(have.RetentionPolicy.RetentionPeriod), remedy)
}

// bucketNotes are what else the bucket keeps, and what that costs.
func bucketNotes(have *storage.BucketAttrs) []Change {
	var notes []Change
	if have.VersioningEnabled && !slices.ContainsFunc(have.Lifecycle.Rules, deletesNoncurrent) {
		notes = append(notes, Change{
			Setting: "object versions",
			Note: "what the lifecycle deletes, what a source overwrites or deletes in landing/ and what a file read again replaces " +
				"stays as a noncurrent version, which no rule of the lifecycle deletes, so that it is billed for good.",
			Remedy: "Switch versions off (gcloud storage buckets update gs://" + have.Name +
				" --no-versioning), or add a rule that deletes noncurrent versions (daysSinceNoncurrentTime).",
		})
	}
	if p := have.SoftDeletePolicy; p != nil && p.RetentionDuration > softDelete {
		notes = append(notes, Change{
			Setting: "soft delete",
			Note:    "each file is billed for " + daysText(p.RetentionDuration) + " more in landing/ and in staging/ after it has left.",
			Remedy: "If that is not wanted, shorten it (gcloud storage buckets update gs://" + have.Name + " --soft-delete-duration=" +
				fmt.Sprintf("%gd", softDelete.Hours()/24) + ").",
		})
	}
	return notes
}

// deletesNoncurrent is a rule that ends every noncurrent version some day.
func deletesNoncurrent(r storage.LifecycleRule) bool {
	c := r.Condition
	return r.Action.Type == storage.DeleteAction && c.Liveness != storage.Live &&
		(c.DaysSinceNoncurrentTime > 0 || c.NumNewerVersions > 0 || c.Liveness == storage.Archived && c.AgeInDays > 0) &&
		len(c.MatchesPrefix)+len(c.MatchesSuffix)+len(c.MatchesStorageClasses) == 0
}

func daysText(d time.Duration) string {
	if d < 24*time.Hour {
		return d.String()
	}
	return fmt.Sprintf("%g days", d.Hours()/24)
}
