package daily

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
)

// publisher turns the tables of a date into its files.
type publisher struct {
	warehouse *warehouse
	bucket    *storage.BucketHandle
	page      *template.Template
}

// publish writes the CSV file of each report that the date has, and the page of all.
//
// Two runs may publish at once. Each looks at the objects first, then reads the
// tables, and writes only what nobody else has written since; whoever finds an
// object changed starts again. So the last writer has read the tables after every
// other one had committed, and files never tell of an older run than tables do.
func (p *publisher) publish(ctx context.Context, date civil.Date) error {
	return p.warehouse.persist(ctx, func(ctx context.Context) error { return p.attempt(ctx, date) })
}

// file is a file of a date before it is written.
type file struct {
	object      *storage.ObjectHandle
	seen        version
	contentType string
	content     bytes.Buffer
}

func (p *publisher) attempt(ctx context.Context, date civil.Date) error {
	page := &file{object: p.bucket.Object(ObjectName(date, PageFile)), contentType: "text/html; charset=utf-8"}
	files := []*file{page}
	sheets := make(map[string]*file)
	for _, r := range Reports() {
		sheet := &file{object: p.bucket.Object(ObjectName(date, r.CSVFile())), contentType: "text/csv; charset=utf-8; header=present"}
		sheets[r.ID] = sheet
		files = append(files, sheet)
	}
	var err error
	for _, f := range files {
		if f.seen, err = look(ctx, f.object); err != nil {
			return err
		}
	}
	runs, err := p.warehouse.runs(ctx, date)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return nil // the reports' own errors tell why
	}
	var faults []error
	tables := make(map[string]*table, len(runs))
	for _, r := range Reports() {
		if _, made := runs[r.ID]; !made {
			continue
		}
		tables[r.ID], err = p.warehouse.table(ctx, r, date)
		if err != nil && isPermanent(err) {
			faults = append(faults, err) // the other reports have files nevertheless
			delete(runs, r.ID)
			continue
		}
		if err != nil {
			return err
		}
		if err := appendCSV(&sheets[r.ID].content, date, tables[r.ID]); err != nil {
			return fmt.Errorf("write %s as CSV: %w", r.ID, err)
		}
	}
	if err := p.page.Execute(&page.content, newPage(date, p.warehouse.config.Currency, runs, tables)); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	for _, f := range files {
		if f.content.Len() > 0 {
			err := replace(ctx, f.object, f.seen, f.contentType, f.content.Bytes())
			faults = append(faults, err)
			if errors.Is(err, storage.ErrBucketNotExist) {
				break // the other files have no other fate
			}
		}
	}
	return errors.Join(faults...)
}
