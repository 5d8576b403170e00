package split

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// Limits bound what a compressed file may become.
type Limits struct {
	// MaxBytes is the most that a file may decompress to.
	MaxBytes int64
	// MaxRatio is the largest ratio of decompressed to compressed bytes; it is
	// looked at from ratioFrom bytes on, because a small file harms nobody.
	MaxRatio int64
}

const ratioFrom = 64 << 20

// Unpack gives the content of a file of size bytes (-1: unknown), decompressing
// gzip, of one or more members. Faults of the file are *FileError; errors of the
// source are passed on as they are, as is a source that ends before size.
func Unpack(source io.Reader, size int64, limits Limits) (io.Reader, error) {
	counted := &counter{r: source, size: size}
	buffered := bufio.NewReaderSize(counted, 64<<10)
	magic, err := buffered.Peek(2)
	if counted.err != nil {
		return nil, counted.err
	}
	if err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return buffered, nil // Peek's own error is that of a file of one byte
	}
	u := &unpacker{source: counted, limits: limits}
	if u.gzip, err = gzip.NewReader(buffered); err != nil {
		return nil, u.fault(err)
	}
	return u, nil
}

// counter counts the bytes of the source and keeps its error.
type counter struct {
	r       io.Reader
	n, size int64
	err     error // other than io.EOF
}

func (c *counter) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err == io.EOF && c.size >= 0 && c.n < c.size {
		err = fmt.Errorf("source ended after %d of %d bytes: %w", c.n, c.size, io.ErrUnexpectedEOF)
	}
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// unpacker decompresses within limits.
type unpacker struct {
	source *counter
	gzip   *gzip.Reader
	limits Limits
	n      int64
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.gzip.Read(p)
	u.n += int64(n)
	switch {
	case u.n > u.limits.MaxBytes:
		return 0, &FileError{rules.DecompressionLimit,
			fmt.Sprintf("the file decompresses to more than %d bytes", u.limits.MaxBytes)}
	case u.n > ratioFrom && u.n/u.limits.MaxRatio > u.compressed():
		return 0, &FileError{rules.DecompressionLimit,
			fmt.Sprintf("the file decompresses to more than %d times its size", u.limits.MaxRatio)}
	case err != nil && err != io.EOF:
		err = u.fault(err)
	}
	return n, err
}

// compressed is the size of what is decompressed: the whole file's, so that the same
// file is refused at the same place however its bytes arrive.
func (u *unpacker) compressed() int64 {
	if u.source.size >= 0 {
		return u.source.size
	}
	return u.source.n
}

// fault tells the file's faults from the source's.
func (u *unpacker) fault(err error) error {
	switch {
	case u.source.err != nil:
		return u.source.err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &FileError{rules.TruncatedGzip, "the gzip stream ends too early"}
	default:
		return &FileError{rules.UnreadableFile, "the gzip stream is damaged: " + err.Error()}
	}
}
