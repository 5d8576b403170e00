package verify

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

func now() time.Time { return time.Now() }

// keptFile is a reading of the ledger and the object that has its bytes.
type keptFile struct {
	reference.File
	parseID, object         string
	kind, verdict, reason   string
	leftOut, rejectedByRule string
	records, rejected       int64
	isCurrent               bool
	namesAll                bool // leftOut is the whole of what was left out
}

// keptFiles gives the readings of all files.
func (c *Clients) keptFiles(ctx context.Context) ([]*keptFile, error) {
	var files []*keptFile
	err := c.eachRow(ctx, "check/kept_files", func(row []bigquery.Value) error {
		k := &keptFile{}
		var overrides string
		if err := scan(row, &k.ID, &k.parseID, &k.Name, &k.LandedAt, &k.LoadedAt, &overrides, &k.CatalogMode, &k.verdict, &k.kind, &k.reason,
			&k.records, &k.rejected, &k.isCurrent, &k.namesAll, &k.leftOut, &k.rejectedByRule); err != nil {
			return err
		}
		k.AcceptRefused, k.AcceptDuplicates = strings.Contains(overrides, landedfile.AcceptRefused), strings.Contains(overrides, landedfile.AcceptDuplicates)
		k.object = keptName(k.ID, k.Name, k.verdict, k.LandedAt)
		files = append(files, k)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	slices.SortFunc(files, func(a, b *keptFile) int { return strings.Compare(a.object, b.object) })
	return files, nil
}

// keptName is where the object of a file stands that was put away.
func keptName(id, landingName, verdict string, landedAt time.Time) string {
	kind := topology.KindOf(landingName)
	if verdict == "loaded" {
		return topology.ArchiveName(landedAt, kind, id, landingName)
	}
	return topology.QuarantineName(kind, id, landingName)
}

// opened is the file with its bytes in the bucket.
func (k *keptFile) opened(ctx context.Context, c *Clients) reference.File {
	f := k.File
	f.Open = func() (io.ReadCloser, error) {
		r, err := c.Storage.Bucket(c.Config.Bucket).Object(k.object).ReadCompressed(true).NewReader(ctx)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", k.object, err)
		}
		return r, nil
	}
	return f
}

// ranges are positions of records, in order.
type ranges [][2]int64

// unseen are the records that did not become facts and stand nowhere else.
func (k *keptFile) unseen() ranges {
	return k.ranges(func(outcome string) bool { return outcome != "stale" && outcome != "superseded" }) // the history has those
}

// refusedLater are the records that the warehouse did not take, though there is nothing wrong with them.
func (k *keptFile) refusedLater() ranges {
	return k.ranges(func(outcome string) bool { return outcome == "refused" })
}

// ranges are the records that are left out with some outcomes.
func (k *keptFile) ranges(isWanted func(outcome string) bool) ranges {
	var left ranges
	for part := range strings.SplitSeq(k.leftOut, ", ") {
		place, outcome, _ := strings.Cut(part, " ")
		if !isWanted(outcome) {
			continue
		}
		first, last, ok := strings.Cut(place, "-")
		from, err := strconv.ParseInt(first, 10, 64)
		to, alsoErr := strconv.ParseInt(last, 10, 64)
		if ok && err == nil && alsoErr == nil {
			left = append(left, [2]int64{from, to})
		}
	}
	return left
}

func (r ranges) has(record int64) bool {
	_, found := slices.BinarySearchFunc(r, record, func(span [2]int64, record int64) int {
		switch {
		case span[1] < record:
			return -1
		case span[0] > record:
			return 1
		}
		return 0
	})
	return found
}

// ofTransaction are the reasons and rules that no file has by itself.
var ofTransaction = map[string]bool{
	"duplicate_orders": true, "contradicting_records": true, "ledger_imbalance": true, "append_refused": true, "dead_lettered": true,
}

// compareOutcome compares what the ledger says of a file with what it says itself.
func (k *keptFile) compareOutcome(o reference.Outcome) []Violation {
	var found []Violation
	differs := func(column string, stored, want any) {
		found = append(found, Violation{"archive_ledger", fmt.Sprintf("%s: %s is %v, the file gives %v", k.Name, column, stored, want)})
	}
	var rules []string
	rejected := o.Rejected
	for part := range strings.SplitSeq(k.rejectedByRule, ",") {
		rule, number, _ := strings.Cut(part, " ")
		if ofTransaction[rule] {
			n, _ := strconv.ParseInt(number, 10, 64)
			rejected += n
		} else if part != "" {
			rules = append(rules, part)
		}
	}
	var want []string
	for rule, n := range o.Refused {
		if n > 0 {
			want = append(want, fmt.Sprintf("%s %d", rule, n))
		}
	}
	slices.Sort(want)
	slices.Sort(rules)
	switch isOurs := ofTransaction[k.reason]; {
	case k.reason == "ledger_imbalance", !isReadersReason(k.reason) && !isOurs && k.reason != "":
		return nil // the file was given up before it was read
	case k.verdict != o.Verdict && !isOurs:
		differs("verdict", k.verdict, o.Verdict)
	case k.reason != o.Reason && !isOurs:
		differs("reason", orNone(k.reason), orNone(o.Reason))
	}
	if k.records != o.Records {
		differs("records", k.records, o.Records)
	}
	if k.rejected != rejected {
		differs("rejected", k.rejected, rejected)
	}
	if !slices.Equal(rules, want) {
		differs("rejected_by_rule", strings.Join(rules, ", "), strings.Join(want, ", "))
	}
	return found
}

// isReadersReason tells whether a file has the reason by itself.
func isReadersReason(reason string) bool {
	switch reason {
	case "unknown_kind", "unreadable_file", "truncated_gzip", "header_mismatch", "mostly_refused":
		return true
	}
	return false
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
