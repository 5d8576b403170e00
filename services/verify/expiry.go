package verify

import (
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/storage"
)

// mayBeDeleted tells whether the bucket's rules may have deleted an object by now that
// was put away at some time after loadedAt. A rule deletes what meets all of its
// conditions; those that nobody can judge of an object that is gone, such as its
// storage class, are taken for met.
func mayBeDeleted(rules []storage.LifecycleRule, name string, loadedAt, now time.Time) bool {
	return slices.ContainsFunc(rules, func(r storage.LifecycleRule) bool {
		c := r.Condition
		// A rule on earlier versions deletes no object that stands, and the pipeline
		// sets no custom time.
		if r.Action.Type != storage.DeleteAction || c.Liveness == storage.Archived || c.NumNewerVersions > 0 ||
			c.DaysSinceNoncurrentTime > 0 || !c.NoncurrentTimeBefore.IsZero() || c.DaysSinceCustomTime > 0 || !c.CustomTimeBefore.IsZero() {
			return false
		}
		const day = 24 * time.Hour
		return (c.CreatedBefore.IsZero() || loadedAt.Before(c.CreatedBefore)) && !loadedAt.Add(time.Duration(c.AgeInDays)*day).After(now) &&
			matches(c.MatchesPrefix, name, strings.HasPrefix) && matches(c.MatchesSuffix, name, strings.HasSuffix)
	})
}

// matches tells whether name has one of the parts; a condition without parts is met.
func matches(parts []string, name string, has func(name, part string) bool) bool {
	return len(parts) == 0 || slices.ContainsFunc(parts, func(part string) bool { return has(name, part) })
}
