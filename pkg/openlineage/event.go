package openlineage

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// producer is who says so.
const producer = "https://github.com/zackkki/ecomm_datapipeline"

const (
	runEvent   = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
	facetsRoot = "https://openlineage.io/spec/facets/"
)

// The states of a run that are told.
const (
	Start    = "START"
	Complete = "COMPLETE"
	Fail     = "FAIL"
)

// Event is a run event.
type Event struct {
	EventType string    `json:"eventType"`
	EventTime time.Time `json:"eventTime"`
	Run       run       `json:"run"`
	Job       job       `json:"job"`
	Inputs    []dataset `json:"inputs"`
	Outputs   []dataset `json:"outputs"`
	Producer  string    `json:"producer"`
	SchemaURL string    `json:"schemaURL"`
}

type run struct {
	ID     uuid.UUID `json:"runId"`
	Facets facets    `json:"facets,omitempty"`
}

type job struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Facets    facets `json:"facets,omitempty"`
}

type dataset struct {
	Namespace    string `json:"namespace"`
	Name         string `json:"name"`
	Facets       facets `json:"facets,omitempty"`
	InputFacets  facets `json:"inputFacets,omitempty"`
	OutputFacets facets `json:"outputFacets,omitempty"`
}

// facets are what is said of a thing, by name.
type facets map[string]map[string]any

// schemas gives the published definition of each facet that is used, with the version it was read in.
var schemas = map[string]string{
	"columnLineage":         "1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
	"dataQualityAssertions": "1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet",
	"dataQualityMetrics":    "1-0-3/DataQualityMetricsInputDatasetFacet.json#/$defs/DataQualityMetricsInputDatasetFacet",
	"documentation":         "1-1-0/DocumentationJobFacet.json#/$defs/DocumentationJobFacet",
	"errorMessage":          "1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
	"jobType":               "2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet",
	"outputStatistics":      "1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
	"parent":                "1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet",
	"schema":                "1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
	"tags":                  "1-0-0/TagsRunFacet.json#/$defs/TagsRunFacet",
}

// add enters a facet.
func (f facets) add(name string, fields map[string]any) {
	fields["_producer"], fields["_schemaURL"] = producer, facetsRoot+schemas[name]
	f[name] = fields
}

// runs is the namespace that the ids of runs are derived in.
var runs = uuid.NewSHA1(uuid.NameSpaceURL, []byte(producer))

// runID is the same for whoever tells of the same thing.
func runID(name string) uuid.UUID { return uuid.NewSHA1(runs, []byte(name)) }

// fail has a run say why it failed.
func (r *run) fail(message string) {
	r.Facets.add("errorMessage", map[string]any{"message": message, "programmingLanguage": "SQL"})
}

// tag has a run say something by keys, each followed by its value.
func (r *run) tag(keysAndValues ...string) {
	var tags []map[string]any
	for pair := range slices.Chunk(keysAndValues, 2) {
		tags = append(tags, map[string]any{"key": pair[0], "value": pair[1], "source": "ecomm_datapipeline"})
	}
	r.Facets.add("tags", map[string]any{"tags": tags})
}

// parent names the run that had this one made.
func (r *run) parent(id uuid.UUID, of job) {
	r.Facets.add("parent", map[string]any{"run": map[string]any{"runId": id.String()}, "job": map[string]any{"namespace": of.Namespace, "name": of.Name}})
}

// newJob describes a job.
func newJob(namespace, name, kind, documentation string) job {
	f := make(facets)
	f.add("jobType", map[string]any{"processingType": "BATCH", "integration": "ECOMM_DATAPIPELINE", "jobType": kind})
	f.add("documentation", map[string]any{"description": documentation})
	return job{namespace, name, f}
}

func newEvent(state string, at time.Time, r run, j job, inputs, outputs []dataset) Event {
	return Event{state, at.UTC(), r, j, inputs, outputs, producer, runEvent}
}
