package openlineage

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Finding is how often a rule was broken in a file.
type Finding struct {
	Rule     rules.ID
	Severity rules.Severity
	Count    int64
}

// Events makes the events of runs.
type Events struct {
	namespace, project string
	tables             *tables
}

// NewEvents describes the tables of a dataset.
func NewEvents(namespace, project, dataset string) (*Events, error) {
	t, err := newTables(project, dataset)
	if err != nil {
		return nil, err
	}
	return &Events{namespace, project, t}, nil
}

// File tells of the load of a file. One that was released or read again is a run of its own, by its
// revision, whose parent is the run that brought it back; one that was quarantined is a run that failed.
func (e *Events) File(done *pipelinev1.FileCompleted, findings []Finding) []Event {
	file, kind := done.GetFile(), topology.KindFolder(done.GetFile().GetKind())
	r := run{runID(fmt.Sprintf("file/%s/%d", file.GetFileId(), done.GetRevision())), make(facets)}
	r.tag("revision", strconv.FormatInt(done.GetRevision(), 10))
	j := newJob(e.namespace, "load_"+kind, "FILE_LOAD", "Loads a landed file of "+kind+" into the warehouse, in one transaction with others.")
	ended := done.GetLoadedAt().AsTime()
	begun := file.GetClaimedAt().AsTime()
	if !file.GetClaimedAt().IsValid() || begun.After(ended) {
		begun = ended
	}
	if done.GetRevision() > 1 {
		r.parent(e.readAgain(file.GetFileId(), done.GetRevision()))
	}
	object := dataset{Namespace: "gs://" + file.GetBucket(), Name: file.GetLandingName(), InputFacets: make(facets)}
	started := newEvent(Start, begun, r, j, []dataset{{Namespace: object.Namespace, Name: object.Name}}, []dataset{})

	object.InputFacets.add("dataQualityMetrics", map[string]any{
		"rowCount": done.GetRecords(), "bytes": file.GetBytes(), "fileCount": 1, "columnMetrics": map[string]any{},
	})
	object.InputFacets.add("dataQualityAssertions", map[string]any{"assertions": assertions(done, findings)})
	names, state := e.tables.written(kind), Complete
	if done.GetVerdict() != pipelinev1.Verdict_VERDICT_LOADED {
		names, state = []string{"data_quality_checks", "file_ledger"}, Fail
		r.Facets = maps.Clone(r.Facets)
		r.fail("The file was quarantined: " + done.GetReason())
	}
	inputs, outputs := []dataset{object}, []dataset{}
	for _, name := range e.tables.read(names) {
		inputs = append(inputs, e.tables.input(name))
	}
	for _, name := range names {
		outputs = append(outputs, withRows(e.tables.output(name), rowsAdded(done, name)))
	}
	return []Event{started, newEvent(state, ended, r, j, inputs, outputs)}
}

// rowsAdded is how many rows a load has written, where its announcement says so; -1 where not.
func rowsAdded(done *pipelinev1.FileCompleted, table string) int64 {
	switch table {
	case "fact_orders":
		return done.GetLines()
	case "dim_products", "dim_customers":
		return done.GetLoaded()
	case "file_ledger":
		return 1
	default:
		return -1
	}
}

func withRows(d dataset, rows int64) dataset {
	if rows >= 0 {
		d.OutputFacets = make(facets)
		d.OutputFacets.add("outputStatistics", map[string]any{"rowCount": rows})
	}
	return d
}

// assertions are the promise that every record is accounted for, and the rules that were broken. What is only
// noted (severity info) is no fault.
func assertions(done *pipelinev1.FileCompleted, findings []Finding) []map[string]any {
	accounted := done.GetLoaded() + done.GetDuplicates() + done.GetRejected() + done.GetHeld()
	all := []map[string]any{{
		"assertion": "row_count", "name": "records_accounted_for", "success": accounted == done.GetRecords(), "severity": "error",
		"description": "Each record of the file is loaded, a duplicate, rejected or held.",
		"expected":    strconv.FormatInt(done.GetRecords(), 10), "actual": strconv.FormatInt(accounted, 10),
	}}
	severities := map[rules.Severity]string{rules.SeverityWarning: "warn", rules.SeverityError: "error"}
	for _, f := range findings {
		severity, isFault := severities[f.Severity]
		if !isFault {
			continue
		}
		broken := map[string]any{
			"assertion": string(f.Rule), "name": string(f.Rule), "success": false, "severity": severity,
			"expected": "0", "actual": strconv.FormatInt(f.Count, 10),
		}
		if rule, ok := rules.Lookup(f.Rule); ok {
			broken["description"] = rule.Meaning
		}
		all = append(all, broken)
	}
	return all
}
