// Package engine is where the embedded BigQuery uses DuckDB. It
// owns the database file and speaks to DuckDB's C interface directly, because
// the two hot paths (encoding result pages, appending nested rows) need the
// column vectors themselves: the database/sql driver hands nested values over
// as maps, which loses the order of struct fields and costs an allocation per
// value.
//
// It knows nothing of BigQuery's API; it knows only how BigQuery's types are
// kept in DuckDB:
//
//	STRING VARCHAR    BYTES BLOB           INT64 BIGINT   FLOAT64 DOUBLE
//	BOOL BOOLEAN      NUMERIC DECIMAL(38,9)               JSON JSON
//	DATE DATE         DATETIME TIMESTAMP   TIMESTAMP TIMESTAMPTZ (zone UTC)
//	TIME TIME         ARRAY<T> T[]         STRUCT<...> STRUCT(...)
package engine
