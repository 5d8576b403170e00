package split

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/parser/shape"
)

// Orders splits a file of orders: newline-delimited JSON, JSON arrays, or objects with
// nothing between them. The error is that of Splitter.Next.
func Orders(r io.Reader) (Splitter, error) {
	w, err := open(r, Options{})
	if err != nil {
		return nil, err
	}
	return &values{w: w}, nil
}

// Rows splits a CSV file; its header is the first record.
func Rows(r io.Reader) (Splitter, error) {
	w, err := open(r, Options{})
	if err != nil {
		return nil, err
	}
	return &rows{w: w, delimiter: ','}, nil
}

// Options are what must be known of a file beforehand.
type Options struct {
	// NotUTF8 says that the text is of another encoding, in which ASCII stands for itself.
	NotUTF8 bool
}

// headSize is how much of a file is looked at to tell text from binary.
const headSize = 4 << 10

// open looks at the head of the file.
func open(r io.Reader, o Options) (*window, error) {
	w := newWindow(r)
	for w.end < headSize {
		if err := w.fill(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			if w.end == 0 {
				return nil, err
			}
			break
		}
	}
	head := w.pending()[:min(headSize, w.end)]
	if is := shape.Format(w.pending()); is != "" {
		return nil, &FileError{Rule: rules.UnreadableFile, Detail: is}
	}
	if bytes.HasPrefix(head, byteOrderMark) {
		w.consume(len(byteOrderMark))
		head = head[len(byteOrderMark):]
	}
	if binary(head, o.NotUTF8) {
		return nil, &FileError{Rule: rules.UnreadableFile, Detail: shape.Binary(head)}
	}
	return w, nil
}

// binary tells whether more than a tenth of the bytes are none that text has. A
// stray NUL or some Latin-1 is a matter of the records they stand in.
func binary(head []byte, notUTF8 bool) bool {
	odd := 0
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if !notUTF8 && r == utf8.RuneError && n == 1 || r < ' ' && !bytes.ContainsRune([]byte("\t\n\r\f"), r) {
			odd++
		}
		i += n
	}
	return odd*10 > len(head)
}
