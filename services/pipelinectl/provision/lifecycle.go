package provision

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Lifecycle is how long the bucket keeps what the pipeline has put away, and how, and
// how long staging keeps rows and the topics of other teams messages.
type Lifecycle struct {
	ArchiveClass         string `envconfig:"ARCHIVE_CLASS" default:"COLDLINE" desc:"Storage class that archive/ moves to; empty: none"`
	ArchiveClassDays     int    `envconfig:"ARCHIVE_CLASS_DAYS" default:"90" desc:"Days until it moves; reprocess reads the archive of the last 90"`
	ArchiveDeleteDays    int    `envconfig:"ARCHIVE_DELETE_DAYS" default:"0" desc:"Days until archive/ is deleted; 0: never, the warehouse can be rebuilt from it"`
	QuarantineDeleteDays int    `envconfig:"QUARANTINE_DELETE_DAYS" default:"365" desc:"Days until quarantine/ is deleted; 0: never"`
	StagingDays          int    `envconfig:"STAGING_DAYS" default:"90" desc:"Days from a file's landing for which staging keeps its rows; 0: for good. release and reprocess reach as far"`
	FeedRetentionDays    int    `envconfig:"FEED_RETENTION_DAYS" default:"7" desc:"Days for which orders-validated and files-completed keep their messages for who joins late and seeks back; 0: none"`
}

// Variables of Lifecycle that say when something is gone. What is kept longer than they
// say was lengthened by somebody, so that it is shortened only for who asks for it
// (Options.Shorten): what is deleted too late costs a little, too early is lost.
const (
	ArchiveDeleteDays    = "ARCHIVE_DELETE_DAYS"
	QuarantineDeleteDays = "QUARANTINE_DELETE_DAYS"
	StagingDays          = "STAGING_DAYS"
	FeedRetentionDays    = "FEED_RETENTION_DAYS"
)

// Settings are the variables that pipelinectl reads in a deployment.
type Settings struct {
	cloud.Config
	Lifecycle
}

// Validate names the variables at fault.
func (s *Settings) Validate() error {
	return config.Join(s.Config.Validate(), s.Lifecycle.Validate())
}

// DefaultLifecycle is the lifecycle of a deployment that sets nothing.
func DefaultLifecycle() Lifecycle {
	var l Lifecycle
	// It fails only for a field of a type without defaults, which a test would show.
	_ = config.Defaults(&l)
	return l
}

var storageClasses = []string{"", "NEARLINE", "COLDLINE", "ARCHIVE"}

// Validate names the variables at fault.
func (l Lifecycle) Validate() error {
	var class, order, staging error
	if !slices.Contains(storageClasses, l.ArchiveClass) {
		class = fmt.Errorf("ARCHIVE_CLASS must be NEARLINE, COLDLINE, ARCHIVE or empty, is %q", l.ArchiveClass)
	}
	if l.ArchiveDeleteDays > 0 && l.ArchiveClass != "" && l.ArchiveDeleteDays <= l.ArchiveClassDays {
		order = fmt.Errorf("ARCHIVE_DELETE_DAYS must be above ARCHIVE_CLASS_DAYS (%d), is %d", l.ArchiveClassDays, l.ArchiveDeleteDays)
	}
	if l.StagingDays != 0 && l.StagingDays < leastStagingDays {
		// A file may wait as long as Pub/Sub keeps its messages, and must find its rows then.
		staging = fmt.Errorf("STAGING_DAYS must be 0 or at least %d, is %d", leastStagingDays, l.StagingDays)
	}
	var feed error
	if l.FeedRetentionDays < 0 || l.FeedRetentionDays > mostFeedDays {
		feed = fmt.Errorf("FEED_RETENTION_DAYS must be between 0 and %d, is %d", mostFeedDays, l.FeedRetentionDays)
	}
	return config.Join(class, order, staging, feed,
		config.Positive("ARCHIVE_CLASS_DAYS", l.ArchiveClassDays),
		notNegative("ARCHIVE_DELETE_DAYS", l.ArchiveDeleteDays),
		notNegative("QUARANTINE_DELETE_DAYS", l.QuarantineDeleteDays))
}

const (
	leastStagingDays = 7
	mostFeedDays     = 31 // Pub/Sub's limit
)

func notNegative(variable string, value int) error {
	if value < 0 {
		return fmt.Errorf("%s must not be negative, is %d", variable, value)
	}
	return nil
}

// rules are those of the pipeline. landing/ and staging/ have none: what lies
// there has not been loaded yet.
func (l Lifecycle) rules() []storage.LifecycleRule {
	var rules []storage.LifecycleRule
	add := func(prefix, action, class string, days int) {
		rules = append(rules, storage.LifecycleRule{
			Action:    storage.LifecycleAction{Type: action, StorageClass: class},
			Condition: storage.LifecycleCondition{AgeInDays: int64(days), MatchesPrefix: []string{prefix}},
		})
	}
	if l.ArchiveClass != "" {
		add(topology.Archive, storage.SetStorageClassAction, l.ArchiveClass, l.ArchiveClassDays)
	}
	if l.ArchiveDeleteDays > 0 {
		add(topology.Archive, storage.DeleteAction, "", l.ArchiveDeleteDays)
	}
	if l.QuarantineDeleteDays > 0 {
		add(topology.Quarantine, storage.DeleteAction, "", l.QuarantineDeleteDays)
	}
	return rules
}

// unshortened gives the rules that the bucket should have when only the variables in
// shorten may make it delete sooner than it does, and what is left alone for that.
func unshortened(have, want []storage.LifecycleRule, shorten []string) ([]storage.LifecycleRule, []Change) {
	want = slices.Clone(want)
	var left []Change
	for _, keeps := range []struct{ prefix, variable string }{
		{topology.Archive, ArchiveDeleteDays}, {topology.Quarantine, QuarantineDeleteDays},
	} {
		deletes := func(r storage.LifecycleRule) bool {
			return ours(r) && r.Action.Type == storage.DeleteAction && r.Condition.MatchesPrefix[0] == keeps.prefix
		}
		i := slices.IndexFunc(want, deletes)
		if i < 0 || slices.Contains(shorten, keeps.variable) {
			continue
		}
		wanted := want[i]
		is := slices.DeleteFunc(slices.Clone(have), func(r storage.LifecycleRule) bool { return !deletes(r) })
		switch {
		case len(is) == 0:
			want = slices.Delete(want, i, i+1)
			left = append(left, Change{Setting: "lifecycle", From: "never delete " + keeps.prefix, To: ruleText(wanted), Left: setTo(keeps.variable, wanted.Condition.AgeInDays)})
		case soonest(is).Condition.AgeInDays > wanted.Condition.AgeInDays:
			want[i] = soonest(is)
			left = append(left, Change{Setting: "lifecycle", From: ruleText(want[i]), To: ruleText(wanted), Left: setTo(keeps.variable, wanted.Condition.AgeInDays)})
		}
	}
	return want, left
}

func soonest(rules []storage.LifecycleRule) storage.LifecycleRule {
	return slices.MinFunc(rules, func(a, b storage.LifecycleRule) int {
		return cmp.Compare(a.Condition.AgeInDays, b.Condition.AgeInDays)
	})
}

func setTo(variable string, days int64) string { return variable + "=" + strconv.FormatInt(days, 10) }

// ours tells the pipeline's rules from other people's: rules have no names, so
// those are its own that name archive/ or quarantine/ alone, and ask for nothing
// but an age.
func ours(r storage.LifecycleRule) bool {
	c := r.Condition
	return (r.Action.Type == storage.DeleteAction || r.Action.Type == storage.SetStorageClassAction) &&
		len(c.MatchesPrefix) == 1 && (c.MatchesPrefix[0] == topology.Archive || c.MatchesPrefix[0] == topology.Quarantine) &&
		c.CreatedBefore.IsZero() && c.CustomTimeBefore.IsZero() && c.NoncurrentTimeBefore.IsZero() &&
		c.DaysSinceCustomTime == 0 && c.DaysSinceNoncurrentTime == 0 && c.NumNewerVersions == 0 &&
		c.Liveness == storage.LiveAndArchived && len(c.MatchesStorageClasses) == 0 && len(c.MatchesSuffix) == 0
}

// mendRules gives the rules that the bucket should have, other people's first and
// as they are, and what that changes.
func mendRules(have, want []storage.LifecycleRule) ([]storage.LifecycleRule, []Change) {
	wanted := slices.Clone(want)
	var merged []storage.LifecycleRule
	var changed []Change
	for _, r := range have {
		i := slices.IndexFunc(wanted, func(w storage.LifecycleRule) bool { return ours(r) && ruleText(w) == ruleText(r) })
		switch {
		case i >= 0:
			wanted = slices.Delete(wanted, i, i+1)
			fallthrough
		case !ours(r):
			merged = append(merged, r)
		default:
			changed = append(changed, Change{Setting: "lifecycle", From: ruleText(r)})
		}
	}
	for _, w := range wanted {
		changed = append(changed, Change{Setting: "lifecycle", To: ruleText(w)})
	}
	return append(merged, wanted...), changed
}

// ruleText tells a rule of the pipeline in words.
func ruleText(r storage.LifecycleRule) string {
	what := "delete"
	if r.Action.Type != storage.DeleteAction {
		what = "move to " + r.Action.StorageClass
	}
	return what + " " + r.Condition.MatchesPrefix[0] + " after " + strconv.FormatInt(r.Condition.AgeInDays, 10) + " days"
}
