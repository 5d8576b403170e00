// Package split cuts a landed file into records without reading any of them: the
// lines of newline-delimited JSON, the elements of JSON arrays, the rows of a
// CSV file, each plain or gzipped, told apart by content and never by name.
//
// Memory does not grow with the file: one window, somewhat larger than the
// largest record, is all that is held. Every byte of a file belongs to exactly one
// record or to none (white space, separators), and damage is contained: a broken
// line, element or row is one refused record, and the next one is read as if it
// had not been there.
package split

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// MaxRecord is the length of the longest record that is read, in bytes.
const MaxRecord = 1 << 20

// Record is one record as it stands in the file.
type Record struct {
	// Data is the record's bytes, without separators, or the first MaxRecord of
	// them. It is valid until the next call of Next.
	Data []byte
	// Offset is that of the first byte in the decompressed file.
	Offset int64
	// Length is that of the whole record in bytes.
	Length int64
	// Rule, if set, is why the record cannot be read, and Detail says it in words.
	Rule   rules.ID
	Detail string

	// AfterHeader tells that the table's header stands once more before the row: files were put together.
	AfterHeader bool

	// Sum is the SHA-256 of a record longer than Data, hexadecimal.
	Sum string
}

// SHA256 is the hexadecimal hash of the whole record.
func (r *Record) SHA256() string {
	if r.Sum != "" {
		return r.Sum
	}
	sum := sha256.Sum256(r.Data)
	return hex.EncodeToString(sum[:])
}

// Splitter gives a file's records in order.
type Splitter interface {
	// Next gives the next record. The error is io.EOF at the end; a *FileError
	// when the file cannot be read on, which will be so again the next time; any
	// other error comes from the source and may pass.
	Next() (Record, error)
}

// FileError is a fault of the file as a whole. Some show when it is unpacked.
type FileError = stored.Fault
