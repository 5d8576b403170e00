package landedfile

import pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"

// Words for what became of a file, in the warehouse, in messages' attributes and in the
// API. A file without a verdict has no word.
const (
	Loaded      = "loaded"
	Quarantined = "quarantined"
)

// VerdictWord is the word for a verdict, or "" if there is none.
func VerdictWord(verdict pipelinev1.Verdict) string {
	switch verdict {
	case pipelinev1.Verdict_VERDICT_LOADED:
		return Loaded
	case pipelinev1.Verdict_VERDICT_QUARANTINED:
		return Quarantined
	default:
		return ""
	}
}

// Verdict is what a word means; any other than the two is VERDICT_UNSPECIFIED.
func Verdict(word string) pipelinev1.Verdict {
	switch word {
	case Loaded:
		return pipelinev1.Verdict_VERDICT_LOADED
	case Quarantined:
		return pipelinev1.Verdict_VERDICT_QUARANTINED
	default:
		return pipelinev1.Verdict_VERDICT_UNSPECIFIED
	}
}

// Outcome is what the warehouse's word for the outcome of a record means, in file_ledger.left_out; any
// other is RECORD_OUTCOME_UNSPECIFIED.
func Outcome(word string) pipelinev1.RecordOutcome {
	switch word {
	case "duplicate":
		return pipelinev1.RecordOutcome_RECORD_OUTCOME_DUPLICATE
	case "conflict":
		return pipelinev1.RecordOutcome_RECORD_OUTCOME_CONFLICT
	case "stale":
		return pipelinev1.RecordOutcome_RECORD_OUTCOME_STALE
	case "superseded":
		return pipelinev1.RecordOutcome_RECORD_OUTCOME_SUPERSEDED
	case "held":
		return pipelinev1.RecordOutcome_RECORD_OUTCOME_HELD
	case "refused":
		return pipelinev1.RecordOutcome_RECORD_OUTCOME_REFUSED
	default:
		return pipelinev1.RecordOutcome_RECORD_OUTCOME_UNSPECIFIED
	}
}
