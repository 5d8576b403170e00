package stored

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// MaxExcerpt is how much of a record is kept, in bytes.
const MaxExcerpt = 1 << 20

// Excerpts reads records of a file that has been read before, so that its limits are known to
// be kept. The records must be asked for in their order in the file.
type Excerpts struct {
	in io.Reader
	at int64
}

// NewExcerpts begins at the first byte of a file of size bytes (-1: unknown) as it is stored.
func NewExcerpts(source io.Reader, size int64) (*Excerpts, error) {
	content, _, err := Unpack(source, size, Unlimited)
	if err != nil {
		return nil, err
	}
	return &Excerpts{in: bufio.NewReaderSize(content, 64<<10)}, nil
}

// ErrNoRecord says that the file has no such bytes: it is not the one that was read.
var ErrNoRecord = errors.New("the file has no record there")

// Next gives the record of so many bytes at an offset of the unpacked file, at most the first
// MaxExcerpt of it, and the SHA-256 of the whole, hexadecimal. Before a record that was asked
// for, and beyond the end, there is ErrNoRecord.
func (e *Excerpts) Next(offset, length int64) (start []byte, sum string, err error) {
	if offset < e.at || length <= 0 {
		return nil, "", fmt.Errorf("%w: offset %d, length %d", ErrNoRecord, offset, length)
	}
	if err := e.pass(io.Discard, offset-e.at); err != nil {
		return nil, "", err
	}
	var kept bytes.Buffer
	hash, short := sha256.New(), min(length, MaxExcerpt)
	if err := e.pass(io.MultiWriter(&kept, hash), short); err != nil {
		return nil, "", err
	}
	if err := e.pass(hash, length-short); err != nil {
		return nil, "", err
	}
	return kept.Bytes(), hex.EncodeToString(hash.Sum(nil)), nil
}

// pass gives the next n bytes to w.
func (e *Excerpts) pass(w io.Writer, n int64) error {
	passed, err := io.CopyN(w, e.in, n)
	e.at += passed
	return ended(err)
}

// ended tells a file that ends too early from one that cannot be read.
func ended(err error) error {
	if _, isFault := errors.AsType[*Fault](err); isFault || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", ErrNoRecord, err)
	}
	return err
}
