package openlineage

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/uuid"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Work is a run that is told as it begins and as it ends.
type Work struct {
	run             run
	job             job
	inputs, outputs []dataset
}

// Started tells that it has begun.
func (w *Work) Started(at time.Time) Event {
	return newEvent(Start, at, w.run, w.job, w.inputs, []dataset{})
}

// Ended tells that it was done, with so many rows, messages or files in each of its outputs, or that it failed.
func (w *Work) Ended(at time.Time, err error, rows ...int64) Event {
	if err != nil {
		failed := w.run
		failed.Facets = maps.Clone(w.run.Facets)
		failed.fail(err.Error())
		return newEvent(Fail, at, failed, w.job, w.inputs, []dataset{})
	}
	outputs := make([]dataset, len(w.outputs))
	for i, d := range w.outputs {
		outputs[i] = d
		if i < len(rows) {
			outputs[i] = withRows(d, rows[i])
		}
	}
	return newEvent(Complete, at, w.run, w.job, w.inputs, outputs)
}

// newWork names a run by what it is and when it begins.
func newWork(what string, begun time.Time) run {
	return run{runID(what + "/" + begun.UTC().Format(time.RFC3339Nano)), make(facets)}
}

// Report is the making of a daily report. What the reporter computes itself from rows that it has read, such as the
// forecast, has the tables of these rows as inputs, and no lineage of columns.
func (e *Events) Report(id string, date civil.Date, begun time.Time) (*Work, error) {
	table := "report_" + id
	statements, err := sql.Group("reports")
	if err != nil {
		return nil, err
	}
	reads := e.tables.read([]string{table})
	for _, s := range statements {
		if s.Name == "reports/learn_"+id {
			reads = append(reads, e.tables.only(s.Reads)...)
		}
	}
	slices.Sort(reads)
	r := newWork(fmt.Sprintf("report/%s/%s", id, date), begun)
	r.tag("report_date", date.String())
	return &Work{
		r, newJob(e.namespace, table, "REPORT", "Makes a day's report "+id+"."),
		e.inputs(slices.Compact(reads)), []dataset{e.tables.output(table)},
	}, nil
}

// Replay is the publishing of dead letters once more to the topic that their subscription reads: of those
// that wait in the subscription letters, or, if that is "", of those in the table.
func (e *Events) Replay(subscription, letters, topic string, begun time.Time) *Work {
	from := e.tables.input("dead_letters")
	if letters != "" {
		from = e.subscription(letters)
	}
	return &Work{
		newWork("replay/"+subscription, begun),
		newJob(e.namespace, "replay_"+subscription, "REPLAY", "Publishes dead letters of "+subscription+" again, after the fix, and notes their fates."),
		[]dataset{from}, []dataset{e.topic(topic), e.tables.input("dead_letter_fates")},
	}
}

// Republish is the publishing of older orders of the warehouse, and of what became of their files, on
// topics of one consumer's own.
func (e *Events) Republish(subscription, orders, files string, from, to civil.Date, begun time.Time) (*Work, error) {
	statement, err := sql.Find("republish/orders")
	if err != nil {
		return nil, err
	}
	r := newWork("republish/"+subscription, begun)
	r.tag("from_date", from.String(), "to_date", to.String())
	return &Work{
		r, newJob(e.namespace, "republish_"+subscription, "REPUBLISH", "Gives older orders to a consumer that joins late."),
		e.inputs(e.tables.only(statement.Reads)), []dataset{e.topic(orders), e.topic(files)},
	}, nil
}

// ReadAgain is the bringing back of a file that was put away as object, in the project's bucket. Its load is a
// run of its own, whose parent this is. The output is the file by the name that it landed with, as its load
// knows it. The command is what an operator gave: release, reprocess or backfill.
func (e *Events) ReadAgain(command, fileID string, revision int64, bucket, object, landingName string) *Work {
	id, j := e.readAgain(fileID, revision)
	r := run{id, make(facets)}
	r.tag("command", command, "revision", strconv.FormatInt(revision, 10))
	return &Work{
		r, j, []dataset{{Namespace: "gs://" + bucket, Name: object}}, []dataset{{Namespace: "gs://" + bucket, Name: landingName}},
	}
}

// readAgain names the run that brings a file's revision back, and its job, for those who know no more of it.
func (e *Events) readAgain(fileID string, revision int64) (uuid.UUID, job) {
	return runID(fmt.Sprintf("again/%s/%d", fileID, revision)),
		newJob(e.namespace, "read_again", "READ_AGAIN", "Brings a file back from archive/ or quarantine/, to be read and loaded again.")
}

func (e *Events) inputs(tables []string) (inputs []dataset) {
	for _, name := range tables {
		inputs = append(inputs, e.tables.input(name))
	}
	return inputs
}

// ofPubSub is the namespace that OpenLineage's naming gives topics and subscriptions.
const ofPubSub = "pubsub"

func (e *Events) topic(id string) dataset {
	return dataset{Namespace: ofPubSub, Name: "topic:" + e.project + ":" + id}
}

func (e *Events) subscription(id string) dataset {
	return dataset{Namespace: ofPubSub, Name: "subscription:" + e.project + ":" + id}
}
