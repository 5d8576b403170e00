package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/jobs"
	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// parameter is a query parameter as the API sends it.
type parameter struct {
	Name           string                 `json:"name"`
	ParameterType  *bq.QueryParameterType `json:"parameterType"`
	ParameterValue *dialect.ParamValue    `json:"parameterValue"`
}

func params(list []parameter) (map[string]dialect.Param, error) {
	out := make(map[string]dialect.Param, len(list))
	for i, p := range list {
		name := strings.ToLower(p.Name)
		switch {
		case (name == "") != (list[0].Name == ""):
			return nil, fault.Invalid("Cannot mix named and positional parameters.")
		case name == "":
			name = lexer.Positional(i + 1)
		}
		v, err := dialect.NewParam(p.ParameterType, p.ParameterValue)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// jobBody is a job as jobs.insert receives it.
type jobBody struct {
	JobReference  *bq.JobReference `json:"jobReference"`
	Configuration json.RawMessage  `json:"configuration"`
}

// configuration is read twice: by the client library's type, to be shown
// again, and by this one, for what that type cannot tell apart.
type configuration struct {
	Query *struct {
		Query           string               `json:"query"`
		UseLegacySQL    *bool                `json:"useLegacySql"`
		DefaultDataset  *bq.DatasetReference `json:"defaultDataset"`
		QueryParameters []parameter          `json:"queryParameters"`
	} `json:"query"`
}

func (s *server) insertJob(r *http.Request) (any, error) {
	var body jobBody
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	return s.startJob(body, nil)
}

// readConfiguration reads a job's configuration, and refuses what is not served of any job.
func readConfiguration(text json.RawMessage) (*bq.JobConfiguration, error) {
	shown := &bq.JobConfiguration{}
	if err := unmarshal(text, shown); err != nil {
		return nil, fault.Invalid("Invalid job configuration: %s", err)
	}
	switch {
	case shown.Copy != nil:
		return nil, fault.Unserved("copy jobs")
	case shown.Extract != nil:
		return nil, fault.Unserved("extract jobs")
	case shown.Query == nil && shown.Load == nil:
		return nil, fault.Invalid("Required parameter is missing: configuration")
	case shown.Query != nil && shown.Load != nil:
		return nil, fault.Invalid("Only one job configuration may be given")
	}
	return shown, nil
}

// startJob starts a job, with its file if one is uploaded for it.
func (s *server) startJob(body jobBody, file *upload) (any, error) {
	shown, err := readConfiguration(body.Configuration)
	if err != nil {
		return nil, err
	}
	request := jobs.Request{DryRun: shown.DryRun, Configuration: shown, Labels: shown.Labels,
		Timeout: time.Duration(shown.JobTimeoutMs) * time.Millisecond}
	switch {
	case shown.Load == nil && file != nil:
		return nil, fault.Invalid("Only a load job has a file")
	case shown.Load == nil:
		shown.JobType = "QUERY"
		err = s.queryRequest(&request, shown.Query, body.Configuration)
	case shown.DryRun:
		err = fault.Unserved("dry runs of load jobs")
	default:
		shown.JobType = "LOAD"
		request.Load, err = s.loadRequest(shown, body.Configuration, file)
	}
	if err != nil {
		return nil, err
	}
	id, location := "", ""
	if body.JobReference != nil {
		id, location = body.JobReference.JobId, body.JobReference.Location
	}
	job, err := s.jobs.Start(id, "", location, request)
	if err != nil {
		return nil, err
	}
	if outcome, _ := job.Outcome(); request.DryRun && outcome.Err != nil {
		return nil, outcome.Err
	}
	return s.describe(job), nil
}

// queryRequest reads the configuration of a query job.
func (s *server) queryRequest(request *jobs.Request, shown *bq.JobConfigurationQuery, text json.RawMessage) error {
	var config configuration
	if err := unmarshal(text, &config); err != nil {
		return fault.Invalid("Invalid job configuration: %s", err)
	}
	q := config.Query
	switch {
	case q == nil:
		return fault.Invalid("Required parameter is missing: configuration")
	case q.UseLegacySQL == nil || *q.UseLegacySQL:
		return fault.Unserved("legacy SQL")
	case shown.CreateSession:
		return fault.Unserved("sessions")
	case len(shown.TableDefinitions) > 0:
		return fault.Unserved("external tables")
	}
	request.SQL, request.MaxBytesBilled = q.Query, shown.MaximumBytesBilled
	var err error
	if request.Params, err = params(q.QueryParameters); err != nil {
		return err
	}
	if q.DefaultDataset != nil {
		request.Dataset = q.DefaultDataset.DatasetId
	}
	if shown.DestinationTable != nil && shown.DestinationTable.TableId != "" {
		request.Into, err = s.queryDestination(shown)
	}
	return err
}

// queryDestination is where a query's rows go.
func (s *server) queryDestination(shown *bq.JobConfigurationQuery) (*jobs.Destination, error) {
	if err := refuseSet(shown, []string{"DestinationEncryptionConfiguration", "RangePartitioning", "SchemaUpdateOptions"}); err != nil {
		return nil, err
	}
	if p := shown.DestinationTable.ProjectId; p != "" && p != s.cat.Project() {
		return nil, fault.NotFound("Project %s", p)
	}
	d := &jobs.Destination{Write: shown.WriteDisposition, Create: shown.CreateDisposition, Table: &bq.Table{
		TableReference:   &bq.TableReference{ProjectId: s.cat.Project(), DatasetId: shown.DestinationTable.DatasetId, TableId: shown.DestinationTable.TableId},
		TimePartitioning: shown.TimePartitioning, Clustering: shown.Clustering}}
	return d, d.Check(jobs.WriteEmpty)
}

func (s *server) getJob(r *http.Request) (any, error) {
	job, err := s.jobs.Get(r.PathValue("job"))
	if err != nil {
		return nil, err
	}
	return s.describe(job), nil
}

func (s *server) cancelJob(r *http.Request) (any, error) {
	job, err := s.jobs.Get(r.PathValue("job"))
	if err != nil {
		return nil, err
	}
	job.Cancel()
	return &bq.JobCancelResponse{Kind: "bigquery#jobCancelResponse", Job: s.describe(job)}, nil
}

func (s *server) deleteJob(r *http.Request) (any, error) {
	return nil, s.jobs.Delete(r.PathValue("job"))
}

func (s *server) listJobs(r *http.Request) (any, error) {
	cut, next, err := page(r, s.jobs.List(r.FormValue("parentJobId")))
	list := &bq.JobList{Kind: "bigquery#jobList", NextPageToken: next}
	for _, job := range cut {
		d := s.describe(job)
		list.Jobs = append(list.Jobs, &bq.JobListJobs{Kind: d.Kind, Id: d.Id, JobReference: d.JobReference, State: d.Status.State,
			Status: d.Status, Statistics: d.Statistics, Configuration: d.Configuration, ErrorResult: d.Status.ErrorResult})
	}
	return list, err
}

func (s *server) reference(job *jobs.Job) *bq.JobReference {
	return &bq.JobReference{ProjectId: s.cat.Project(), JobId: job.ID, Location: job.Location}
}

func problem(f *fault.Fault) *bq.ErrorProto {
	return &bq.ErrorProto{Reason: f.Reason, Message: f.Message, Location: "query"}
}

// describe writes a job in the API's form.
func (s *server) describe(job *jobs.Job) *bq.Job {
	outcome, finished := job.Outcome()
	j := &bq.Job{Kind: "bigquery#job", Id: fmt.Sprintf("%s:%s.%s", s.cat.Project(), job.Location, job.ID),
		JobReference: s.reference(job), Configuration: job.Request.Configuration,
		Status: &bq.JobStatus{State: "RUNNING"}, Statistics: &bq.JobStatistics{CreationTime: job.Created.UnixMilli()}}
	if j.Configuration == nil {
		standard := false
		j.Configuration = &bq.JobConfiguration{JobType: "QUERY", Labels: job.Request.Labels,
			Query: &bq.JobConfigurationQuery{Query: job.Request.SQL, UseLegacySql: &standard}}
	}
	if result, ok := job.Anonymous(); ok {
		shown, query := *j.Configuration, *j.Configuration.Query
		query.DestinationTable = &bq.TableReference{ProjectId: s.cat.Project(), DatasetId: result.Dataset, TableId: result.Table}
		shown.Query, j.Configuration = &query, &shown
	}
	if job.Parent != nil {
		j.Statistics.ParentJobId = job.Parent.ID
	}
	j.Statistics.NumChildJobs = int64(len(job.Children()))
	if !outcome.Started.IsZero() {
		j.Statistics.StartTime = outcome.Started.UnixMilli()
	}
	if !finished {
		return j
	}
	j.Status.State = "DONE"
	if outcome.Err != nil {
		j.Status.ErrorResult = problem(outcome.Err)
		j.Status.Errors = []*bq.ErrorProto{j.Status.ErrorResult}
	}
	j.Statistics.EndTime = outcome.Ended.UnixMilli()
	if outcome.Loaded != nil {
		describeLoad(j, outcome.Loaded)
		return j
	}
	j.Statistics.TotalBytesProcessed = outcome.Bytes.Processed
	j.Statistics.TotalSlotMs = outcome.Ended.Sub(outcome.Started).Milliseconds()
	q := &bq.JobStatistics2{StatementType: outcome.StatementType, TotalBytesProcessed: outcome.Bytes.Processed,
		TotalBytesBilled: outcome.Bytes.Billed, Schema: outcome.Schema}
	if outcome.DML != nil {
		q.DmlStats, q.NumDmlAffectedRows = outcome.DML, outcome.AffectedRows()
		q.ForceSendFields = append(q.ForceSendFields, "NumDmlAffectedRows")
	}
	if outcome.Target.Table != "" && strings.Contains(outcome.StatementType, "TABLE") {
		q.DdlTargetTable = &bq.TableReference{ProjectId: s.cat.Project(), DatasetId: outcome.Target.Dataset, TableId: outcome.Target.Table}
	}
	j.Statistics.Query = q
	return j
}

func describeLoad(j *bq.Job, done *jobs.Loaded) {
	j.Statistics.Load = &bq.JobStatistics3{InputFiles: done.Files, InputFileBytes: done.FileBytes, OutputRows: done.Rows, BadRecords: done.BadRecords,
		ForceSendFields: []string{"InputFiles", "InputFileBytes", "OutputRows", "BadRecords"}}
	for _, p := range done.Problems {
		j.Status.Errors = append(j.Status.Errors, &bq.ErrorProto{Reason: p.Reason, Message: p.Message})
	}
}
