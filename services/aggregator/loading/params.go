package loading

import (
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// params are what the transaction of a batch takes.
func (s *starSchema) params(b *batch, p *plan) warehouse.Params {
	orders := slices.Concat(b.orders, p.known.replaced)
	return warehouse.Params{
		"files": fileParams(b.manifests, s.duplicates),
		"rules": ruleParams(),

		"landed_dates":      b.landed,
		"dead_letter_dates": b.deadLetterDays(p.now),
		"order_dates":       orders,
		"hour_dates":        p.known.hours(b.hours),
		"repair_dates":      p.known.repairs,
		"replaced_dates":    p.known.replaced,
		"finding_dates":     p.known.findings,
		"open_dates":        p.known.open,
		"standing_dates":    p.known.standing,
		"touched_dates":     slices.Concat(b.orders, p.known.repairs, p.known.replaced),

		"epoch":                p.epoch,
		"now":                  p.now,
		"time_zone":            bigquery.NullString{StringVal: p.zone, Valid: p.zone != ""},
		"latest":               s.duplicates == Latest,
		"max_deactivate_share": s.deactivate,
		"max_findings":         s.maxFindings,
	}
}

// dedupFrom is the first day whose order_keys are searched, since 1970; nil is every day. The
// lookback counts back from the batch's oldest order, so that a late file that comes twice is known.
func (s *starSchema) dedupFrom(orders []int32, now time.Time) *int32 {
	if s.lookback == 0 {
		return nil
	}
	from := slices.Min(append([]int32{epoch.Day(now)}, orders...)) - int32(s.lookback)
	return &from
}

// fileParam is one element of the parameter @files.
type fileParam struct {
	FileID       string                 `bigquery:"file_id"`
	ParseID      string                 `bigquery:"parse_id"`
	Revision     int64                  `bigquery:"revision"`
	Overrides    string                 `bigquery:"overrides"`
	FailDups     bool                   `bigquery:"fail_duplicates"`
	MostContra   bigquery.NullInt64     `bigquery:"most_contradictions"`
	Kind         string                 `bigquery:"kind"`
	LandingName  string                 `bigquery:"landing_name"`
	CatalogMode  string                 `bigquery:"catalog_mode"`
	Bytes        int64                  `bigquery:"bytes"`
	Records      int64                  `bigquery:"records"`
	Verdict      string                 `bigquery:"verdict"`
	Reason       string                 `bigquery:"reason"`
	ReasonDetail string                 `bigquery:"reason_detail"`
	LandedAt     time.Time              `bigquery:"landed_at"`
	ClaimedAt    bigquery.NullTimestamp `bigquery:"claimed_at"`
	ParsedAt     bigquery.NullTimestamp `bigquery:"parsed_at"`
}

func fileParams(manifests []*pipelinev1.FileManifest, policy DuplicatePolicy) []fileParam {
	params := make([]fileParam, len(manifests))
	for i, m := range manifests {
		f := m.GetFile()
		params[i] = fileParam{
			FileID: f.GetFileId(), ParseID: m.GetParseId(), Revision: landedfile.Revision(f),
			Overrides: strings.Join(landedfile.OverrideWords(f), ","),
			FailDups:  failsForConflicts(m, policy), MostContra: mostContradictions(m), Kind: topology.KindFolder(f.GetKind()),
			LandingName: f.GetLandingName(), CatalogMode: catalogMode(m), Bytes: f.GetBytes(), Records: m.GetRecords(),
			Verdict: landedfile.VerdictWord(m.GetVerdict()), Reason: m.GetReason(), ReasonDetail: m.GetReasonDetail(),
			LandedAt: f.GetLandedAt().AsTime(), ClaimedAt: nullTime(f.GetClaimedAt()), ParsedAt: nullTime(m.GetParsedAt()),
		}
	}
	return params
}

// failsForConflicts tells whether orders that conflict with others fail the file as a whole.
func failsForConflicts(m *pipelinev1.FileManifest, policy DuplicatePolicy) bool {
	return policy == FailFile && !m.GetFile().GetOverrides().GetAcceptDuplicates()
}

// mostContradictions is how many records of a file may contradict others of it.
func mostContradictions(m *pipelinev1.FileManifest) bigquery.NullInt64 {
	return bigquery.NullInt64{
		Int64: m.GetMostContradictions(),
		Valid: m.MostContradictions != nil && !m.GetFile().GetOverrides().GetAcceptDuplicates(),
	}
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
