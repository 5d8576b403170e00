// Package uploads is what the fronts share of Google's protocol of uploads: the parts of a
// multipart body, and the chunks of a resumable session.
// https://cloud.google.com/storage/docs/performing-resumable-uploads
package uploads

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// ChunkUnit is what every chunk but the last must be a multiple of.
const ChunkUnit = 256 << 10

// contentRange has the forms "bytes 0-99/300", "bytes 0-99/*", "bytes */300" and
// "bytes */*", and with an end that is not known before the body has ended, as
// Node's client sends it, "bytes 0-*/300" and "bytes 0-*/*".
var contentRange = regexp.MustCompile(`^bytes (?:(\d{1,18})-(\d{1,18}|\*)|\*)/(?:(\d{1,18})|\*)$`)

// Chunk is what one request of a session carries: bytes [From, End), and the
// whole's size once it is known (-1 before). An End of -1 is that of the body,
// and of the whole.
type Chunk struct {
	From, End, Total int64
	Query            bool // carries nothing
}

// ParseChunk reads the Content-Range header. Without one the request carries
// the whole from its start to its end.
func ParseChunk(r *http.Request) (c Chunk, err error) {
	header := r.Header.Get("Content-Range")
	if header == "" {
		return Chunk{End: -1, Total: -1}, nil
	}
	m := contentRange.FindStringSubmatch(header)
	if m == nil {
		return Chunk{}, fmt.Errorf("Failed to parse Content-Range header: %q", header)
	}
	number := func(s string) int64 {
		if s == "" {
			return -1
		}
		n, _ := strconv.ParseInt(s, 10, 64) // at most 18 digits always fit
		return n
	}
	if m[2] == "*" {
		c = Chunk{From: number(m[1]), End: number(m[3]), Total: number(m[3])}
		if c.Total >= 0 && c.From > c.Total {
			return Chunk{}, fmt.Errorf("Invalid Content-Range: %q", header)
		}
		return c, nil
	}
	c = Chunk{From: number(m[1]), End: number(m[2]) + 1, Total: number(m[3]), Query: m[1] == ""}
	if !c.Query && (c.End <= c.From || (c.Total >= 0 && c.End > c.Total)) {
		return Chunk{}, fmt.Errorf("Invalid Content-Range: %q", header)
	}
	if !c.Query && r.ContentLength >= 0 && r.ContentLength != c.End-c.From {
		return Chunk{}, fmt.Errorf("Content-Length %d does not match Content-Range %q", r.ContentLength, header)
	}
	return c, nil
}

// Part is what has been received of a whole.
type Part interface {
	Size() int64
	io.ReaderFrom
}

var (
	// ErrGap is a chunk that begins behind what has been received.
	ErrGap = errors.New("The chunk does not follow what has been received")
	// ErrCutShort is a chunk that broke off. The client asks how far it came and goes on.
	ErrCutShort = errors.New("The chunk ended early")
)

// Receive appends the part of a chunk that is new. Bytes sent again after a
// lost answer are passed over.
func Receive(to Part, from io.Reader, c Chunk) error {
	have := to.Size()
	if c.From > have {
		return fmt.Errorf("%w: it starts at byte %d, and %d bytes have been received", ErrGap, c.From, have)
	}
	end := c.End
	if c.End >= 0 && c.End != c.Total {
		end -= end % ChunkUnit // the rest must come again, as in the real service
	}
	if c.End >= 0 && end <= have {
		return nil
	}
	if _, err := io.CopyN(io.Discard, from, have-c.From); err != nil {
		return fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	source := &Source{Reader: from}
	if c.End >= 0 {
		source.Reader = io.LimitReader(from, end-have)
	}
	if _, err := to.ReadFrom(source); err != nil && source.Err == nil {
		return fmt.Errorf("store a chunk: %w", err)
	}
	if source.Err != nil || (c.End >= 0 && to.Size() < end) {
		return fmt.Errorf("%w: %w", ErrCutShort, errors.Join(source.Err, io.ErrUnexpectedEOF))
	}
	return nil
}

// Source remembers a reader's error, which is the client's fault, apart
// from a writer's, which is ours.
type Source struct {
	io.Reader
	Err error
}

// Read implements io.Reader.
func (r *Source) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		r.Err = err
	}
	return n, err
}

// Incomplete answers how many bytes are kept. Go's client cannot take a 308 and
// says so; it gets the same by a header.
func Incomplete(w http.ResponseWriter, r *http.Request, have int64) {
	if have > 0 {
		w.Header().Set("Range", fmt.Sprintf("bytes=0-%d", have-1))
	}
	if r.Header.Get("X-GUploader-No-308") == "yes" {
		w.Header().Set("X-HTTP-Status-Code-Override", "308")
		w.WriteHeader(http.StatusOK)
		return
	}
	w.WriteHeader(http.StatusPermanentRedirect)
}

// Begun answers that a session has begun, with its URL, by the name under which the client
// called us.
func Begun(w http.ResponseWriter, r *http.Request, id string) {
	w.Header().Set("Location", "http://"+r.Host+strings.TrimSuffix(r.URL.EscapedPath(), "/")+"?uploadType=resumable&upload_id="+id)
	w.Header().Set("X-GUploader-UploadID", id)
	w.WriteHeader(http.StatusOK)
}

// singleQuoted is a boundary as gcloud writes it, which is no quoting by RFC 2045.
var singleQuoted = regexp.MustCompile(`^(multipart/[a-z]+) *; *boundary='([^']+)'$`)

// Boundary is what stands between the parts of a multipart body.
func Boundary(contentType string) (string, error) {
	if m := singleQuoted.FindStringSubmatch(contentType); m != nil {
		return m[2], nil
	}
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(mediaType, "multipart/") || params["boundary"] == "" {
		return "", errors.New("A multipart upload needs a multipart/related body.")
	}
	return params["boundary"], nil
}
