package stored

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"

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

// Unlimited is for a file whose size when unpacked is known.
var Unlimited = Limits{MaxBytes: math.MaxInt64, MaxRatio: math.MaxInt64}

const ratioFrom = 64 << 20

// most is what a gzip file of size bytes (-1: unknown) may become.
func (l Limits) most(size int64) int64 {
	if size < 0 || size > l.MaxBytes/l.MaxRatio {
		return l.MaxBytes
	}
	return min(l.MaxBytes, max(ratioFrom, size*l.MaxRatio+l.MaxRatio))
}

// Unpack gives the content of a file of size bytes (-1: unknown), decompressing
// gzip, of one or more members, with zeros behind any of them: tools that write in
// blocks pad with those, and gzip(1) ignores them. Faults of the file are *Fault; errors of the
// source are passed on as they are, as is a source that ends before size. The content
// has at most so many bytes; -1: unknown.
func Unpack(source io.Reader, size int64, limits Limits) (content io.Reader, most int64, err error) {
	counted := &counter{r: source, size: size}
	buffered := bufio.NewReaderSize(counted, 64<<10)
	magic, err := buffered.Peek(2)
	if counted.err != nil {
		return nil, 0, counted.err
	}
	if err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return buffered, size, nil // Peek's own error is that of a file of one byte
	}
	u := &unpacker{source: counted, buffered: buffered, limits: limits}
	if u.gzip, err = gzip.NewReader(buffered); err != nil {
		return nil, 0, u.fault(err)
	}
	u.gzip.Multistream(false)
	return u, limits.most(size), nil
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
	if errors.Is(err, io.EOF) && c.size >= 0 && c.n < c.size {
		err = fmt.Errorf("source ended after %d of %d bytes: %w", c.n, c.size, io.ErrUnexpectedEOF)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// unpacker decompresses within limits.
type unpacker struct {
	source   *counter
	buffered *bufio.Reader
	gzip     *gzip.Reader
	limits   Limits
	n        int64
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.gzip.Read(p)
	u.n += int64(n)
	if errors.Is(err, io.EOF) {
		err = u.nextMember()
	}
	switch {
	case u.n > u.limits.MaxBytes:
		return 0, &Fault{rules.DecompressionLimit,
			fmt.Sprintf("the file decompresses to more than %d bytes", u.limits.MaxBytes)}
	case u.n > ratioFrom && u.n/u.limits.MaxRatio > u.compressed():
		return 0, &Fault{rules.DecompressionLimit,
			fmt.Sprintf("the file decompresses to more than %d times its size", u.limits.MaxRatio)}
	case err != nil && !errors.Is(err, io.EOF):
		err = u.fault(err)
	}
	return n, err
}

// nextMember goes on to the stream's next member; io.EOF if there is none.
func (u *unpacker) nextMember() error {
	for {
		next, err := u.buffered.Peek(1)
		if err != nil {
			return err
		}
		if next[0] != 0 {
			break
		}
		if _, err := u.buffered.Discard(1); err != nil {
			return err
		}
	}
	if err := u.gzip.Reset(u.buffered); err != nil {
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF // a member began
		}
		return err
	}
	u.gzip.Multistream(false)
	return nil
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
		return &Fault{rules.TruncatedGzip, "the gzip stream ends too early"}
	default:
		return &Fault{rules.UnreadableFile, "the gzip stream is damaged: " + err.Error()}
	}
}
