package rest

import (
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/jobs"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/records"
)

// unservedLoad are the fields of a load job's configuration that are refused, unless they
// are what they would be if they were left out.
var unservedLoad = []string{
	"Autodetect", "ColumnNameCharacterMap", "ConnectionProperties", "CopyFilesOnly", "CreateSession", "DateFormat", "DatetimeFormat",
	"DestinationEncryptionConfiguration", "FileSetSpecType", "HivePartitioningOptions", "JsonExtension", "NullMarkers", "ParquetOptions",
	"PreserveAsciiControlCharacters", "RangePartitioning", "ReferenceFileSchemaUri", "SchemaInline", "SchemaUpdateOptions", "SourceColumnMatch",
	"TimeFormat", "TimeZone", "TimestampFormat",
}

// loadRequest reads the configuration of a load job. Without an upload it names files of
// the bucket.
func (s *server) loadRequest(shown *bq.JobConfiguration, raw json.RawMessage, upload *upload) (*jobs.Load, error) {
	c := shown.Load
	if err := refuseSet(c, unservedLoad); err != nil {
		return nil, err
	}
	if c.DestinationTable == nil || c.DestinationTable.TableId == "" {
		return nil, fault.Invalid("Required parameter is missing: destinationTable")
	}
	if p := c.DestinationTable.ProjectId; p != "" && p != s.cat.Project() {
		return nil, fault.NotFound("Project %s", p)
	}
	table := &bq.Table{TableReference: &bq.TableReference{ProjectId: s.cat.Project(), DatasetId: c.DestinationTable.DatasetId, TableId: c.DestinationTable.TableId},
		Schema: c.Schema, TimePartitioning: c.TimePartitioning, Clustering: c.Clustering}
	if p := c.DestinationTableProperties; p != nil {
		table.Description, table.FriendlyName, table.Labels = p.Description, p.FriendlyName, p.Labels
	}
	load := &jobs.Load{Destination: jobs.Destination{Table: table, Write: c.WriteDisposition, Create: c.CreateDisposition}, MaxBad: c.MaxBadRecords}
	if err := load.Check(jobs.WriteAppend); err != nil {
		return nil, err
	}
	if !records.IsUTF8(c.Encoding) {
		return nil, fault.Unserved("the encoding %s of load jobs, only UTF-8", c.Encoding)
	}
	switch strings.ToUpper(c.SourceFormat) {
	case "", "CSV":
		options, err := csvOptions(c, raw)
		if err != nil {
			return nil, err
		}
		load.Flat = true
		load.Rows = func(from io.Reader, columns []*cell.Column) records.Reader {
			options.Columns = columns
			return records.NewCSV(from, options)
		}
	case "NEWLINE_DELIMITED_JSON":
		load.Rows = func(from io.Reader, columns []*cell.Column) records.Reader {
			return records.NewJSONLines(from, records.JSON{Columns: columns, IgnoreUnknown: c.IgnoreUnknownValues, Embedded: true})
		}
	default:
		return nil, fault.Unserved("load jobs of format %s, only CSV and NEWLINE_DELIMITED_JSON", c.SourceFormat)
	}
	if upload != nil {
		if len(c.SourceUris) > 0 {
			return nil, fault.Invalid("A job whose file is uploaded has no sourceUris")
		}
		load.Files, load.Done = []jobs.File{upload.file()}, upload.discard
		return load, nil
	}
	var err error
	load.Files, err = s.bucketFiles(c.SourceUris)
	return load, err
}

// refuseSet refuses fields of a configuration that are set.
func refuseSet(config any, names []string) error {
	v := reflect.ValueOf(config).Elem()
	for _, name := range names {
		if f := v.FieldByName(name); !f.IsZero() && !(f.Kind() == reflect.Slice && f.Len() == 0) {
			field, _ := v.Type().FieldByName(name)
			called, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			return fault.Unserved("%s of a job", called)
		}
	}
	return nil
}

func csvOptions(c *bq.JobConfigurationLoad, raw json.RawMessage) (records.CSV, error) {
	options := records.CSV{Delimiter: ',', Quote: '"', Null: c.NullMarker, Skip: c.SkipLeadingRows,
		Jagged: c.AllowJaggedRows, IgnoreUnknown: c.IgnoreUnknownValues, QuotedNewlines: c.AllowQuotedNewlines}
	switch d := c.FieldDelimiter; {
	case d == "":
	case d == "tab" || d == `\t`:
		options.Delimiter = '\t'
	case len(d) == 1 && d != "\n" && d != "\r":
		options.Delimiter = d[0]
	default:
		return options, fault.Unserved("the field delimiter %q, only one byte", d)
	}
	// An empty quote, which the client library's type cannot tell from none given, is no quote.
	var given struct {
		Load struct {
			Quote *string `json:"quote"`
		} `json:"load"`
	}
	if err := unmarshal(raw, &given); err != nil {
		return options, fault.Invalid("Invalid job configuration: %s", err)
	}
	switch q := given.Load.Quote; {
	case q == nil:
	case *q == "":
		options.Quote = 0
	case len(*q) == 1 && (*q)[0] < utf8.RuneSelf:
		options.Quote = (*q)[0]
	default:
		return options, fault.Unserved("the quote %q, only one byte", *q)
	}
	if options.Skip < 0 || c.MaxBadRecords < 0 {
		return options, fault.Invalid("Invalid value for skipLeadingRows or maxBadRecords: less than 0")
	}
	return options, nil
}

// Bucket reads the objects that load jobs name by gs:// URIs.
type Bucket interface {
	// Names lists a bucket's objects whose names begin with a prefix.
	Names(bucket, prefix string) ([]string, error)
	// Open opens an object and gives its size.
	Open(bucket, name string) (io.ReadCloser, int64, error)
}

// bucketFiles finds the objects of URIs, in which one * may stand for any text.
func (s *server) bucketFiles(uris []string) ([]jobs.File, error) {
	if len(uris) == 0 {
		return nil, fault.Invalid("Required parameter is missing: sourceUris")
	}
	if s.bucket == nil {
		return nil, fault.Unserved("load jobs from a bucket without a Cloud Storage beside it")
	}
	var files []jobs.File
	for _, uri := range uris {
		path, ok := strings.CutPrefix(uri, "gs://")
		bucket, name, named := strings.Cut(path, "/")
		if !ok || !named || bucket == "" || name == "" || strings.Count(name, "*") > 1 {
			return nil, fault.Invalid("Invalid source URI: %q", uri)
		}
		found, err := s.matching(bucket, name)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fault.NotFound("URI %s", uri)
		}
		files = append(files, found...)
	}
	return files, nil
}

// maxFiles is BigQuery's limit of the files of a job, less what a sandbox would list.
const maxFiles = 10000

func (s *server) matching(bucket, pattern string) ([]jobs.File, error) {
	prefix, suffix, wild := strings.Cut(pattern, "*")
	names := []string{pattern}
	if wild {
		var err error
		if names, err = s.bucket.Names(bucket, prefix); err != nil {
			return nil, fault.NotFound("URI gs://%s/%s", bucket, pattern)
		}
	}
	var files []jobs.File
	for _, name := range names {
		if wild && (len(name) < len(prefix)+len(suffix) || !strings.HasSuffix(name, suffix)) {
			continue
		}
		if len(files) == maxFiles {
			return nil, fault.Invalid("Too many files: gs://%s/%s matches more than %d", bucket, pattern, maxFiles)
		}
		file, size, err := s.bucket.Open(bucket, name)
		if err != nil {
			return nil, fault.NotFound("URI gs://%s/%s", bucket, name)
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
		files = append(files, jobs.File{Name: "gs://" + bucket + "/" + name, Size: size, Open: func() (io.ReadCloser, error) {
			file, _, err := s.bucket.Open(bucket, name)
			if err != nil {
				return nil, fault.NotFound("URI gs://%s/%s", bucket, name)
			}
			return file, nil
		}})
	}
	return files, nil
}
