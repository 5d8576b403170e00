package loading

import (
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// bounds are the partitions that a batch of files touches, in days since
// 1970-01-01. They become literals, because BigQuery prunes by no array parameter.
type bounds struct {
	landed      []int32 // days on which the files landed: partitions of staging
	deadLetters []int32 // days on which a letter about them can have been written
	orders      []int32 // days of the files' orders
	facts
}

// facts are days that only the warehouse knows.
type facts struct {
	repairs  []int32 // days of facts that wait for what the files name
	replaced []int32 // days of facts that the files' earlier readings left
	findings []int32 // days on which those readings were loaded
}

func boundsOf(manifests []*pipelinev1.FileManifest, known facts, now time.Time) bounds {
	b := bounds{facts: known}
	first := epoch.Day(now)
	for _, m := range manifests {
		landed := epoch.Day(m.GetFile().GetLandedAt().AsTime())
		b.landed = append(b.landed, landed)
		b.orders = append(b.orders, m.GetOrderDates()...)
		first = min(first, landed)
	}
	// A clock may be a little behind the one that stamps the letters.
	for day := first; day <= epoch.Day(now)+1; day++ {
		b.deadLetters = append(b.deadLetters, day)
	}
	return b
}

// dates are the statements' date parameters.
func (b bounds) dates() map[string][]int32 {
	return map[string][]int32{
		"landed_dates":      b.landed,
		"dead_letter_dates": b.deadLetters,
		"order_dates":       slices.Concat(b.orders, b.replaced),
		"repair_dates":      b.repairs,
		"replaced_dates":    b.replaced,
		"finding_dates":     b.findings,
		"touched_dates":     slices.Concat(b.orders, b.repairs, b.replaced),
	}
}

// fileParam is one element of the parameter @files.
type fileParam struct {
	FileID       string                 `bigquery:"file_id"`
	ParseID      string                 `bigquery:"parse_id"`
	Revision     int64                  `bigquery:"revision"`
	Overrides    string                 `bigquery:"overrides"`
	FailDups     bool                   `bigquery:"fail_duplicates"`
	Kind         string                 `bigquery:"kind"`
	LandingName  string                 `bigquery:"landing_name"`
	Bytes        int64                  `bigquery:"bytes"`
	Records      int64                  `bigquery:"records"`
	Verdict      string                 `bigquery:"verdict"`
	Reason       string                 `bigquery:"reason"`
	ReasonDetail string                 `bigquery:"reason_detail"`
	LandedAt     time.Time              `bigquery:"landed_at"`
	ClaimedAt    bigquery.NullTimestamp `bigquery:"claimed_at"`
	ParsedAt     bigquery.NullTimestamp `bigquery:"parsed_at"`
}

// verdictWords are the warehouse's words for a verdict.
var verdictWords = map[pipelinev1.Verdict]string{
	pipelinev1.Verdict_VERDICT_LOADED:      "loaded",
	pipelinev1.Verdict_VERDICT_QUARANTINED: "quarantined",
}

func fileParams(manifests []*pipelinev1.FileManifest, policy DuplicatePolicy) []fileParam {
	params := make([]fileParam, len(manifests))
	for i, m := range manifests {
		f := m.GetFile()
		params[i] = fileParam{
			FileID: f.GetFileId(), ParseID: m.GetParseId(), Revision: topology.Revision(f),
			Overrides: strings.Join(topology.OverrideWords(f), ","),
			FailDups:  policy == FailFile && !f.GetOverrides().GetAcceptDuplicates(), Kind: topology.KindFolder(f.GetKind()),
			LandingName: f.GetLandingName(), Bytes: f.GetBytes(), Records: m.GetRecords(),
			Verdict: verdictWords[m.GetVerdict()], Reason: m.GetReason(), ReasonDetail: m.GetReasonDetail(),
			LandedAt: f.GetLandedAt().AsTime(), ClaimedAt: nullTime(f.GetClaimedAt()), ParsedAt: nullTime(m.GetParsedAt()),
		}
	}
	return params
}

// ruleParam is one element of the parameter @rules.
type ruleParam struct {
	ID       string `bigquery:"id"`
	Severity string `bigquery:"severity"`
	Meaning  string `bigquery:"meaning"`
}

func ruleParams() []ruleParam {
	all := rules.All()
	params := make([]ruleParam, len(all))
	for i, r := range all {
		params[i] = ruleParam{string(r.ID), string(r.Severity), r.Meaning}
	}
	return params
}

func nullTime(t *timestamppb.Timestamp) bigquery.NullTimestamp {
	return bigquery.NullTimestamp{Timestamp: t.AsTime(), Valid: t != nil}
}

func fileIDs(manifests []*pipelinev1.FileManifest) []string {
	ids := make([]string, len(manifests))
	for i, m := range manifests {
		ids[i] = m.GetFile().GetFileId()
	}
	return ids
}

func parseIDs(manifests []*pipelinev1.FileManifest) []string {
	ids := make([]string, len(manifests))
	for i, m := range manifests {
		ids[i] = m.GetParseId()
	}
	return ids
}
