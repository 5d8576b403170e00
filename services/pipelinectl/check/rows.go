package check

import "cloud.google.com/go/bigquery"

// Row is a part of a report as a row: a fault of a refused record, what the file as a whole is
// refused or noted for, or a rule that loaded records are noted for.
type Row struct {
	File    string              `bigquery:"file"`
	Record  bigquery.NullInt64  `bigquery:"record"` // counted from 1; NULL: of no single record
	Offset  bigquery.NullInt64  `bigquery:"byte_offset"`
	Rule    string              `bigquery:"rule"`
	Path    bigquery.NullString `bigquery:"path"`
	Message bigquery.NullString `bigquery:"message"`
	Number  int64               `bigquery:"number"` // how often
}

// Rows gives the report as rows; none if all would be loaded and nothing is noted.
func (r *Report) Rows() []Row {
	var rows []Row
	if r.Reason != "" {
		rows = append(rows, Row{File: r.File, Rule: r.Reason, Message: textOf(r.Detail), Number: 1})
	}
	for _, record := range r.Details {
		for _, f := range record.Faults {
			rows = append(rows, Row{
				File: r.File, Record: bigquery.NullInt64{Int64: record.Record, Valid: true}, Offset: bigquery.NullInt64{Int64: record.Offset, Valid: true},
				Rule: f.Rule, Path: textOf(f.Path), Message: textOf(f.Message), Number: 1,
			})
		}
	}
	for _, note := range r.Notes {
		rows = append(rows, Row{File: r.File, Rule: note.Rule, Message: textOf(note.Remedy), Number: note.Number})
	}
	return rows
}

// textOf is a text; NULL if it is empty.
func textOf(text string) bigquery.NullString {
	return bigquery.NullString{StringVal: text, Valid: text != ""}
}
