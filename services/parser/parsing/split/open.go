package split

import (
	"bytes"
	"io"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// Orders splits a file of orders: newline-delimited JSON, or one JSON array.
// The error is that of Splitter.Next.
func Orders(r io.Reader) (Splitter, error) {
	w, err := open(r)
	if err != nil {
		return nil, err
	}
	c, err := w.skip(whiteSpaceSet)
	if err == nil && c == '[' {
		w.consume(1)
		return newArray(w), nil
	}
	return &lines{w: w, end: err}, nil
}

// Rows splits a CSV file; its header is the first record.
func Rows(r io.Reader) (Splitter, error) {
	w, err := open(r)
	if err != nil {
		return nil, err
	}
	return &rows{w: w}, nil
}

// headSize is how much of a file is looked at to tell text from binary.
const headSize = 4 << 10

// open looks at the head of the file.
func open(r io.Reader) (*window, error) {
	w := newWindow(r)
	for w.end < headSize {
		if err := w.fill(); err == io.EOF {
			break
		} else if err != nil {
			if w.end == 0 {
				return nil, err
			}
			break
		}
	}
	head := w.pending()[:min(headSize, w.end)]
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, &FileError{rules.UnreadableFile, "the file is encoded as UTF-16; send UTF-8"}
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		w.consume(3)
		head = head[3:]
	}
	if binary(head) {
		return nil, &FileError{rules.UnreadableFile, "the file is binary, not text"}
	}
	return w, nil
}

// binary tells whether more than a tenth of the bytes are none that text has. A
// stray NUL or some Latin-1 is a matter of the records they stand in.
func binary(head []byte) bool {
	odd := 0
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && n == 1 || r < ' ' && !bytes.ContainsRune([]byte("\t\n\r\f"), r) {
			odd++
		}
		i += n
	}
	return odd*10 > len(head)
}
