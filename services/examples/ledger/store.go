package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // SQLite, in Go

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// schema makes the tables and the views, which decide which orders count.
//
//go:embed store.sql
var schema string

// store is a SQLite database. One process writes to it, while others read.
type store struct{ db *sql.DB }

func openStore(ctx context.Context, path string) (*store, error) {
	source := url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: url.Values{
		// A commit is on disk when it returns, and readers do not stop the writer.
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)"},
		"_txlock": {"immediate"},
	}.Encode()}
	db, err := sql.Open("sqlite", source.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", path, err), db.Close())
	}
	return &store{db}, nil
}

func (s *store) close() error { return s.db.Close() }

// entry is what one message says, as it is kept.
type entry interface {
	put(ctx context.Context, tx *sql.Tx) error
}

// put keeps entries, all or none.
func (s *store) put(ctx context.Context, entries ...entry) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := e.put(ctx, tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// record is one published order.
type record struct {
	parseID            string
	index              int64
	orderID, orderDate string
	paymentStatus      string
	units              int64
	nanos              int32
}

func (r record) put(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?)",
		r.parseID, r.index, r.orderID, r.orderDate, r.paymentStatus, r.units, r.nanos)
	return err
}

// completed is what became of a file.
type completed struct{ *pipelinev1.FileCompleted }

// put keeps what became of a file, unless that of a later revision is known.
func (c completed) put(ctx context.Context, tx *sql.Tx) error {
	// What is restored stays so whatever becomes of this file.
	for _, r := range c.GetRestored() {
		if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO restored VALUES (?, ?, ?, ?, ?)",
			r.GetFileId(), r.GetParseId(), r.GetFirst(), r.GetLast(), r.GetTransactionNumber()); err != nil {
			return err
		}
	}
	id := c.GetFile().GetFileId()
	// Records that were published before the subscription was made came from the warehouse, if they
	// did; of two announcements of a revision, the republished one says how many did not.
	newer, err := tx.ExecContext(ctx, `INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (file_id) DO UPDATE SET parse_id = excluded.parse_id, revision = excluded.revision, counts = excluded.counts,
			records = excluded.records, not_republished = excluded.not_republished,
			transaction_number = excluded.transaction_number, left_out_truncated = excluded.left_out_truncated
		WHERE (excluded.revision, excluded.not_republished) >= (files.revision, files.not_republished)`,
		id, c.GetParseId(), c.GetRevision(),
		c.GetFile().GetKind() == pipelinev1.FileKind_FILE_KIND_ORDERS && c.GetVerdict() == pipelinev1.Verdict_VERDICT_LOADED,
		c.GetRecords()-c.GetRejected()-c.GetNotRepublished(), c.GetNotRepublished(), c.GetTransactionNumber(), c.GetLeftOutTruncated())
	if err != nil {
		return err
	}
	if rows, err := newer.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM left_out WHERE file_id = ?", id); err != nil {
		return err
	}
	for _, r := range c.GetLeftOut() {
		refused := r.GetOutcome() == pipelinev1.RecordOutcome_RECORD_OUTCOME_REFUSED
		if _, err := tx.ExecContext(ctx, "INSERT INTO left_out VALUES (?, ?, ?, ?)", id, r.GetFirst(), r.GetLast(), refused); err != nil {
			return err
		}
	}
	return nil
}
