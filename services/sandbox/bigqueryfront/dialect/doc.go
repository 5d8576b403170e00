// Package dialect rewrites GoogleSQL into DuckDB's SQL. It is a recursive
// descent parser that writes while it reads; it holds no catalogue of column
// types, so where the two dialects differ by type (division, AVG, casts) it
// emits calls of functions whose overloads DuckDB's binder chooses.
//
// The rule of the room: what is not understood is refused with BigQuery's
// wording of a syntax error, never passed through in the hope that it means the
// same. Known limits: no legacy SQL, procedural statements beyond DECLARE and
// SET, user functions, geography, ranges, BIGNUMERIC, pivoting or time travel;
// a script variable hides a column of the same name; DATE minus DATE yields
// days; FLOAT64 sums overflow to infinity instead of failing, and NaN equals
// itself and is the greatest value; TO_JSON and TO_JSON_STRING refuse instants
// and bytes, and write integers beyond 2^53 as numbers.
package dialect
