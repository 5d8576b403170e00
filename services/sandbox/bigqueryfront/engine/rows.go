package engine

import (
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Rows is the result of a query, read chunk by chunk.
type Rows struct {
	// Columns of the result.
	Columns []Column

	res   *mapping.Result
	chunk mapping.DataChunk
	vecs  []*vector
	size  int
	row   int
}

func newRows(res *mapping.Result) (*Rows, error) {
	r := &Rows{res: res, row: -1}
	for i := mapping.IdxT(0); i < mapping.ColumnCount(res); i++ {
		logical := mapping.ColumnLogicalType(res, i)
		t, err := typeOf(logical)
		mapping.DestroyLogicalType(&logical)
		if err != nil {
			return nil, err
		}
		r.Columns = append(r.Columns, Column{Name: mapping.ColumnName(res, i), Type: t})
	}
	return r, nil
}

// Next moves to the next row; it returns false after the last one.
func (r *Rows) Next() (bool, error) {
	r.row++
	for r.row >= r.size {
		mapping.DestroyDataChunk(&r.chunk)
		r.chunk = mapping.FetchChunk(*r.res)
		if r.chunk.Ptr == nil {
			r.size = 0
			if message := mapping.ResultError(r.res); message != "" {
				return false, newError(message)
			}
			return false, nil
		}
		r.row, r.size = 0, int(mapping.DataChunkGetSize(r.chunk))
		r.vecs = r.vecs[:0]
		for i, c := range r.Columns {
			r.vecs = append(r.vecs, newVector(mapping.DataChunkGetVector(r.chunk, mapping.IdxT(i)), c.Type))
		}
	}
	return true, nil
}

// AppendRow appends the current row to buf in the REST API's form,
// {"f":[{"v":...},...]}; timestamps are whole microseconds.
func (r *Rows) AppendRow(buf []byte) ([]byte, error) {
	return appendFields(buf, r.vecs, r.row)
}

// Text returns a column of the current row as text, and false for NULL. It
// serves the front's own small queries.
func (r *Rows) Text(column int) (string, bool) {
	v := r.vecs[column]
	if v.null(r.row) {
		return "", false
	}
	text, err := v.appendText(nil, r.row)
	if err != nil {
		return "", false
	}
	return string(text), true
}

func (r *Rows) close() { mapping.DestroyDataChunk(&r.chunk) }
