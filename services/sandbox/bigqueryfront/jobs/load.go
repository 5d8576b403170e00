package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/records"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/staging"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/faults"
)

// Load is what a load job is asked to do.
type Load struct {
	Destination
	// Files opens the files, one after the other, each with its name; the error is the job's.
	Files []File
	// Rows reads rows out of a file.
	Rows func(io.Reader, []*cell.Column) records.Reader
	// MaxBad is how many bad rows are left out before the job fails.
	MaxBad int64
	// Flat says that the files' format has no records and no arrays.
	Flat bool
	// Done is called at the end, whatever it was.
	Done func()
}

// File is a file to load.
type File struct {
	Name string
	Size int64
	Open func() (io.ReadCloser, error)
}

// Loaded is what a load job did.
type Loaded struct {
	Rows, BadRecords, Files, FileBytes int64
	// Problems are the first bad rows'.
	Problems []*fault.Fault
}

// maxProblems is how many bad rows are told of.
const maxProblems = 5

// runLoad runs a load job with what befalls it.
func (s *Store) runLoad(ctx context.Context, job *Job) (outcome Outcome, err error) {
	load := job.Request.Load
	if load.Done != nil {
		defer load.Done()
	}
	outcome = Outcome{Target: load.Ref(), Loaded: &Loaded{}}
	e := s.endingOf(job, nil)
	if err := sleep.For(ctx, e.Delay+s.options.Latency); err != nil {
		return outcome, err
	}
	if err := e.failure(faults.Begin); err != nil {
		return outcome, err
	}
	if err := s.load(ctx, load, outcome.Loaded); err != nil {
		return outcome, err
	}
	return outcome, e.failure(faults.After)
}

// load stages the files' rows and brings them to the table, all or none.
func (s *Store) load(ctx context.Context, load *Load, done *Loaded) error {
	fields, err := s.loadedColumns(load)
	if err != nil {
		return err
	}
	l := loading{load: load, done: done, columns: cell.Columns(fields)}
	defer l.close()
	staged, err := staging.Fill(ctx, s.db, fields, l.next)
	if err != nil {
		return err
	}
	defer staged.Drop()
	done.Rows = staged.Rows
	conn, err := s.db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	destination := load.Destination
	table := *load.Table
	table.Schema = &bq.TableSchema{Fields: fields}
	destination.Table = &table
	return s.settle(ctx, conn, &destination, "SELECT * FROM "+staged.SQL())
}

// loadedColumns are the schema that the job brings, or the table's.
func (s *Store) loadedColumns(load *Load) ([]*bq.TableFieldSchema, error) {
	var fields []*bq.TableFieldSchema
	old := s.cat.Lookup(load.Ref())
	switch {
	case load.Table.Schema != nil && len(load.Table.Schema.Fields) > 0:
		fields = load.Table.Schema.Fields
		if err := s.cat.CheckColumns(fields); err != nil {
			return nil, err
		}
	case old != nil && old.Type == "TABLE":
		fields = old.Schema.Fields
	case load.Create == CreateNever:
		_, err := s.cat.Table(load.Ref())
		return nil, err
	default:
		if _, err := s.cat.Dataset(load.Ref().Dataset); err != nil {
			return nil, err
		}
		return nil, fault.Invalid("No schema specified on job or table.")
	}
	for _, f := range fields {
		if load.Flat && (f.Mode == "REPEATED" || f.Type == "RECORD") {
			return nil, fault.Invalid("Unsupported field type in CSV: %s is a record or repeated.", f.Name)
		}
	}
	return fields, nil
}

// loading reads the rows of a job's files.
type loading struct {
	load    *Load
	done    *Loaded
	columns []*cell.Column

	at     int // the next file
	file   io.ReadCloser
	rows   records.Reader
	number int64 // of the row in the file
}

func (l *loading) close() {
	if l.file != nil {
		_ = l.file.Close() // it was only read
		l.file = nil
	}
}

// next returns the next good row, and nil after the last.
func (l *loading) next() ([]cell.Value, error) {
	for {
		if l.file == nil {
			if l.at == len(l.load.Files) {
				return nil, nil
			}
			if err := l.open(l.load.Files[l.at]); err != nil {
				return nil, err
			}
		}
		values, err := l.rows.Next()
		l.number++
		if err == nil {
			return values, nil
		}
		if bad, ok := errors.AsType[*records.Fault](err); ok {
			if err := l.pass(bad); err != nil {
				return nil, err
			}
			continue
		}
		l.close()
		if !errors.Is(err, io.EOF) {
			return nil, fault.Invalid("%s; file: %s", err, l.load.Files[l.at-1].Name)
		}
	}
}

func (l *loading) open(f File) (err error) {
	if l.file, err = f.Open(); err != nil {
		return err
	}
	l.at++
	l.number = 0
	l.done.Files++
	l.done.FileBytes += f.Size
	text, err := records.Unzipped(l.file)
	if err != nil {
		return fault.Invalid("%s; file: %s", err, f.Name)
	}
	l.rows = l.load.Rows(text, l.columns)
	return nil
}

// pass leaves out a bad row, or fails for it.
func (l *loading) pass(bad *records.Fault) error {
	l.done.BadRecords++
	about := ""
	if bad.Field != "" {
		about = "; field: " + bad.Field
	}
	message := fmt.Sprintf("%s; row %d; file: %s%s", bad.Message, l.number, l.load.Files[l.at-1].Name, about)
	if len(l.done.Problems) < maxProblems {
		l.done.Problems = append(l.done.Problems, fault.Invalid("%s", message))
	}
	if l.done.BadRecords > l.load.MaxBad {
		return fault.Invalid("Error while reading data, error message: %s. Rows: %d; errors: %d; max bad: %d", message, l.number, l.done.BadRecords, l.load.MaxBad)
	}
	return nil
}
