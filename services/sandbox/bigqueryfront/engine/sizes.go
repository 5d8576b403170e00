package engine

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sizesAge is how long the counts of rows are believed: they feed estimates of
// what a query would be billed, asked for by every query.
const sizesAge = 2 * time.Second

// sizes remembers DuckDB's counts of rows per table.
type sizes struct {
	mu   sync.Mutex
	read time.Time
	rows map[[2]string]int64
}

// EstimatedRows is DuckDB's count of a table's rows, deleted ones included; 0
// when it is unknown.
func (db *DB) EstimatedRows(schema, table string) int64 {
	db.sizes.mu.Lock()
	defer db.sizes.mu.Unlock()
	if time.Since(db.sizes.read) > sizesAge {
		// Keeping the old counts is better than failing a query for them.
		if rows, err := db.readSizes(); err == nil {
			db.sizes.rows, db.sizes.read = rows, time.Now()
		}
	}
	return db.sizes.rows[[2]string{schema, table}]
}

// ForgetSizes makes the next estimate count again.
func (db *DB) ForgetSizes() {
	db.sizes.mu.Lock()
	defer db.sizes.mu.Unlock()
	db.sizes.read = time.Time{}
}

func (db *DB) readSizes() (map[[2]string]int64, error) {
	// The caller holds a connection of the pool already.
	conn, err := db.connect()
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	counts := map[[2]string]int64{}
	err = conn.Query(context.Background(), "SELECT schema_name, table_name, estimated_size FROM duckdb_tables()", func(rows *Rows) error {
		for {
			ok, err := rows.Next()
			if !ok || err != nil {
				return err
			}
			schema, _ := rows.Text(0)
			table, _ := rows.Text(1)
			text, _ := rows.Text(2)
			var n int64
			if _, err := fmt.Sscan(text, &n); err != nil {
				return err
			}
			counts[[2]string{schema, table}] = n
		}
	})
	return counts, err
}
