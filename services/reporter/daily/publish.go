package daily

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
)

// publisher turns the tables of a date into its files.
type publisher struct {
	tables *tables
	bucket *storage.BucketHandle
	page   *template.Template
}

// publish writes the CSV file of each report that the date has, and the page of all.
//
// Two runs may publish at once. Each looks at the objects first, then reads the
// tables, and writes only what nobody else has written since; whoever finds an
// object changed starts again. So the last writer has read the tables after every
// other one had committed, and files never tell of an older run than tables do.
// It returns the page; nil if the date has no reports.
func (p *publisher) publish(ctx context.Context, date civil.Date) (shown *page, err error) {
	err = p.tables.persist(ctx, func(ctx context.Context) (err error) {
		shown, err = p.attempt(ctx, date)
		return err
	})
	return shown, err
}

// file is a file of a date before it is written.
type file struct {
	object      *storage.ObjectHandle
	seen        version
	contentType string
}

func (p *publisher) look(ctx context.Context, date civil.Date, name, contentType string) (file, error) {
	f := file{object: p.bucket.Object(ObjectName(date, name)), contentType: contentType}
	var err error
	f.seen, err = look(ctx, f.object)
	return f, err
}

// write makes what content writes the file's, or nothing of it.
func (f file) write(ctx context.Context, content func(*bufio.Writer) error) error {
	u := newUpload(ctx, f.object, f.seen, f.contentType)
	defer u.abandon()
	if err := content(u.out); err != nil {
		return err
	}
	return u.commit()
}

// attempt reads each report once, row by row, on its way to its file and the page.
func (p *publisher) attempt(ctx context.Context, date civil.Date) (*page, error) {
	index, err := p.look(ctx, date, PageFile, "text/html; charset=utf-8")
	if err != nil {
		return nil, err
	}
	mail, err := p.look(ctx, date, MailFile, "message/rfc822")
	if err != nil {
		return nil, err
	}
	sheets := make(map[string]file)
	for _, r := range Reports() {
		if sheets[r.ID], err = p.look(ctx, date, r.CSVFile(), "text/csv; charset=utf-8; header=present"); err != nil {
			return nil, err
		}
	}
	runs, err := p.tables.runs(ctx, date)
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, nil // the reports' own errors tell why
	}
	var faults []error
	page := newPage(date, p.tables.config.Currency, p.tables.config.TimeZone)
	for _, r := range Reports() {
		made, ok := runs[r.ID]
		if !ok {
			page.Missing = append(page.Missing, r.Title)
			continue
		}
		shown := newSection(made)
		err := sheets[r.ID].write(ctx, func(out *bufio.Writer) error {
			return p.tables.rows(ctx, r, date, newSheet(newCSV(out, date), shown))
		})
		switch {
		case err == nil:
			shown.finish()
			page.show(made, shown)
		case !isPermanent(err):
			return nil, err // and all of them are tried again
		case errors.Is(err, storage.ErrBucketNotExist):
			return nil, errors.Join(append(faults, err)...) // the other files have no other fate
		default:
			faults = append(faults, err) // the other reports have files nevertheless
			page.Missing = append(page.Missing, r.Title)
		}
	}
	var html bytes.Buffer
	if err := p.page.Execute(&html, page); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	err = index.write(ctx, func(out *bufio.Writer) error {
		_, err := out.Write(html.Bytes())
		return err
	})
	if err == nil && p.tables.config.MorningMail {
		err = mail.write(ctx, func(out *bufio.Writer) error { return writeMail(out, page, html.Bytes()) })
	}
	if err != nil && !isPermanent(err) {
		return nil, err
	}
	return page, errors.Join(append(faults, err)...)
}

// sheet passes a report's rows on to its file and to the page.
type sheet struct {
	file  *csvFile
	shown section
	row   record
}

func newSheet(file *csvFile, shown section) *sheet { return &sheet{file, shown, make(record)} }

func (s *sheet) head(schema bigquery.Schema) {
	var columns []string
	for _, field := range schema {
		columns = append(columns, field.Name)
	}
	s.file.head(columns)
}

func (s *sheet) add(row []bigquery.Value) error {
	for i, name := range s.file.columns {
		s.row[name] = row[i]
	}
	s.shown.add(s.row)
	return s.file.add(row)
}
