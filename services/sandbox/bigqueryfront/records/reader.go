package records

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
)

// Limits of what is read. BigQuery's of a row is 100 MB, and of a compressed file 4 GB.
const (
	maxRow  = 10 << 20
	maxFile = 4 << 30
)

// Reader gives the rows of a file. After a *Fault the next row may be sound; io.EOF ends
// it, as any other error does.
type Reader interface {
	Next() ([]cell.Value, error)
}

var errRowTooLarge = fmt.Errorf("Error while reading data: a row is larger than %d bytes", maxRow)

// Unzipped reads a file, gzipped or not, up to the limit.
func Unzipped(file io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(file, 64<<10)
	if magic, _ := buffered.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return &limited{from: buffered}, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("Error while reading data: the file is no sound gzip: %w", err)
	}
	return &limited{from: unzipped}, nil
}

// limited ends what is too long with an error.
type limited struct {
	from io.Reader
	read int64
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	if l.read += int64(n); l.read > maxFile {
		return n, fmt.Errorf("Error while reading data: a file is larger than %d bytes", int64(maxFile))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("Error while reading data: %w", err)
	}
	return n, err
}

// lines gives a text's lines with their ends, each at most as long as a row.
type lines struct{ from *bufio.Reader }

func newLines(from io.Reader) *lines { return &lines{bufio.NewReaderSize(from, 64<<10)} }

func (l *lines) next() ([]byte, error) {
	var line []byte
	for {
		part, err := l.from.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxRow:
			return nil, errRowTooLarge
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && len(line) > 0:
			return line, nil
		default:
			return line, err
		}
	}
}

// jsonLines reads one JSON object a line.
type jsonLines struct {
	JSON
	lines *lines
}

// NewJSONLines reads JSON objects, one a line. Empty lines are none.
func NewJSONLines(from io.Reader, options JSON) Reader {
	return &jsonLines{options, newLines(from)}
}

// Next implements Reader.
func (j *jsonLines) Next() ([]cell.Value, error) {
	for {
		line, err := j.lines.next()
		if err != nil {
			return nil, err
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			return j.Row(text)
		}
	}
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// IsUTF8 tells whether a load job's encoding is one that is read.
func IsUTF8(encoding string) bool {
	return encoding == "" || strings.EqualFold(encoding, "UTF-8") || strings.EqualFold(encoding, "UTF8")
}
