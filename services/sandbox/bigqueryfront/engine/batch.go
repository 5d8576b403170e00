package engine

/*
#include <stdlib.h>
*/
import "C"

import (
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// BatchRows is the number of rows that a batch can hold.
const BatchRows = 2048

// Batch is a chunk of rows being written, column by column, straight into
// DuckDB's vectors: no value crosses the C boundary by a call of its own. Batches
// hold C memory and must be freed.
type Batch struct {
	// Columns of the table.
	Columns []*Writer
	// Rows is the number of rows written; the writer of the rows counts them.
	Rows int

	chunk mapping.DataChunk
	arena arena
}

func newBatch(types []mapping.LogicalType) *Batch {
	b := &Batch{chunk: mapping.CreateDataChunk(types)}
	for i := range types {
		b.Columns = append(b.Columns, b.newWriter(mapping.DataChunkGetVector(b.chunk, mapping.IdxT(i)), types[i]))
	}
	return b
}

// Reset empties the batch for reuse.
func (b *Batch) Reset() {
	mapping.DataChunkReset(b.chunk)
	b.Rows = 0
	b.arena.reset()
	for i, w := range b.Columns {
		w.raw = mapping.DataChunkGetVector(b.chunk, mapping.IdxT(i))
		w.rewind()
	}
}

// Free returns the batch's memory.
func (b *Batch) Free() {
	mapping.DestroyDataChunk(&b.chunk)
	b.arena.free()
}

// seal tells DuckDB the sizes before the batch is appended.
func (b *Batch) seal() {
	mapping.DataChunkSetSize(b.chunk, mapping.IdxT(b.Rows))
	for _, w := range b.Columns {
		w.seal()
	}
}

// Writer writes one vector. Rows are numbered by the caller; none may be
// written twice.
type Writer struct {
	// Fields are the vectors of a struct's fields, Element that of a list's
	// elements. Length counts the rows of an Element.
	Fields  []*Writer
	Element *Writer
	Length  int

	batch    *Batch
	raw      mapping.Vector
	data     unsafe.Pointer
	validity unsafe.Pointer
	capacity int
}

func (b *Batch) newWriter(raw mapping.Vector, logical mapping.LogicalType) *Writer {
	w := &Writer{batch: b, raw: raw}
	switch mapping.GetTypeId(logical) {
	case mapping.TypeList:
		child := mapping.ListTypeChildType(logical)
		defer mapping.DestroyLogicalType(&child)
		w.Element = b.newWriter(mapping.ListVectorGetChild(raw), child)
	case mapping.TypeStruct:
		for i := mapping.IdxT(0); i < mapping.StructTypeChildCount(logical); i++ {
			child := mapping.StructTypeChildType(logical, i)
			w.Fields = append(w.Fields, b.newWriter(mapping.StructVectorGetChild(raw, i), child))
			mapping.DestroyLogicalType(&child)
		}
	}
	w.rewind()
	return w
}

// rewind takes the vector's addresses anew after DuckDB may have moved them.
func (w *Writer) rewind() {
	w.Length, w.capacity = 0, BatchRows
	w.refresh()
	if w.Element != nil {
		w.Element.raw = mapping.ListVectorGetChild(w.raw)
		w.Element.rewind()
	}
	for i, f := range w.Fields {
		f.raw = mapping.StructVectorGetChild(w.raw, mapping.IdxT(i))
		f.rewind()
	}
}

func (w *Writer) refresh() {
	mapping.VectorEnsureValidityWritable(w.raw)
	w.data, w.validity = mapping.VectorGetData(w.raw), mapping.VectorGetValidity(w.raw)
}

// moved takes the addresses anew after a list's elements were given room;
// lengths stay.
func (w *Writer) moved(capacity int) {
	w.capacity = capacity
	w.refresh()
	for i, f := range w.Fields {
		f.raw = mapping.StructVectorGetChild(w.raw, mapping.IdxT(i))
		f.moved(capacity)
	}
	if w.Element != nil {
		w.Element.raw = mapping.ListVectorGetChild(w.raw)
		w.Element.moved(w.Element.capacity)
	}
}

// maxElements bounds a list column's elements in one batch: a hostile message
// can spell an element in two bytes and make it cost a hundred.
const maxElements = 1 << 22

// Grow makes room for one more element of a list and returns its row.
func (w *Writer) Grow() (int, error) {
	e := w.Element
	if e.Length == e.capacity {
		capacity := 2 * e.capacity
		// DuckDB copies only the elements that it knows of.
		if capacity > maxElements ||
			mapping.ListVectorSetSize(w.raw, mapping.IdxT(e.Length)) == mapping.StateError ||
			mapping.ListVectorReserve(w.raw, mapping.IdxT(capacity)) == mapping.StateError {
			return 0, &Error{Class: ClassQuery, Message: "the arrays are too large"}
		}
		e.raw = mapping.ListVectorGetChild(w.raw)
		e.moved(capacity)
	}
	e.Length++
	return e.Length - 1, nil
}

func (w *Writer) seal() {
	if w.Element != nil {
		mapping.ListVectorSetSize(w.raw, mapping.IdxT(w.Element.Length))
		w.Element.seal()
	}
	for _, f := range w.Fields {
		f.seal()
	}
}

func set[T any](w *Writer, row int, value T) {
	*(*T)(unsafe.Add(w.data, uintptr(row)*unsafe.Sizeof(value))) = value
}

// Int64 writes a BIGINT, TIMESTAMP, TIMESTAMPTZ or TIME.
func (w *Writer) Int64(row int, v int64) { set(w, row, v) }

// Int32 writes a DATE.
func (w *Writer) Int32(row int, v int32) { set(w, row, v) }

// Float64 writes a DOUBLE.
func (w *Writer) Float64(row int, v float64) { set(w, row, v) }

// Bool writes a BOOLEAN.
func (w *Writer) Bool(row int, v bool) { set(w, row, v) }

// Decimal writes a DECIMAL of more than 18 digits as a 128-bit whole number.
func (w *Writer) Decimal(row int, upper int64, lower uint64) {
	set(w, row, hugeInt{lower: lower, upper: upper})
}

// List writes where a list's elements lie.
func (w *Writer) List(row, from, length int) {
	set(w, row, listEntry{offset: uint64(from), length: uint64(length)})
}

// Bytes writes a VARCHAR or BLOB. DuckDB keeps up to 12 bytes in place; longer
// ones lie in the batch's own C memory until they are appended.
func (w *Writer) Bytes(row int, v []byte) {
	s := stringT{length: uint32(len(v))}
	if len(v) <= 12 {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&s.inline)), 12), v)
	} else {
		copied := w.batch.arena.copy(v)
		copy(s.inline[:], v[:4])
		*(*unsafe.Pointer)(unsafe.Pointer(&s.rest)) = copied
	}
	set(w, row, s)
}

// Null writes NULL, into a struct's fields too.
func (w *Writer) Null(row int) {
	*(*uint64)(unsafe.Add(w.validity, (row/64)*8)) &^= 1 << (row % 64)
	if w.Element != nil {
		w.List(row, 0, 0)
	}
	for _, f := range w.Fields {
		f.Null(row)
	}
}

// arena is C memory for strings, in blocks that are reused.
type arena struct {
	blocks []unsafe.Pointer
	sizes  []int
	block  int
	used   int
}

const arenaBlock = 1 << 20

func (a *arena) copy(v []byte) unsafe.Pointer {
	for a.block < len(a.blocks) && a.used+len(v) > a.sizes[a.block] {
		a.block++
		a.used = 0
	}
	if a.block == len(a.blocks) {
		size := max(arenaBlock, len(v))
		a.blocks = append(a.blocks, C.malloc(C.size_t(size)))
		a.sizes = append(a.sizes, size)
		a.used = 0
	}
	p := unsafe.Add(a.blocks[a.block], a.used)
	copy(unsafe.Slice((*byte)(p), len(v)), v)
	a.used += len(v)
	return p
}

// reset keeps two blocks: a batch that was larger is rare.
func (a *arena) reset() {
	for len(a.blocks) > 2 {
		last := len(a.blocks) - 1
		C.free(a.blocks[last])
		a.blocks, a.sizes = a.blocks[:last], a.sizes[:last]
	}
	a.block, a.used = 0, 0
}

func (a *arena) free() {
	for _, b := range a.blocks {
		C.free(b)
	}
	a.blocks = nil
}
