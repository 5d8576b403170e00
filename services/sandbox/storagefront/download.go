package storagefront

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// download sends an object's bytes, or the one range of them that was asked for.
func (s *Server) download(w http.ResponseWriter, r *http.Request, q url.Values, cond conditions, bucketName, name string) error {
	generation, err := optionalInt(q.Get("generation"), "generation")
	if err != nil {
		return err
	}
	o, live, f, err := s.openObject(bucketName, name, generation)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := cond.checkRead(live, o); err != nil {
		return err
	}
	start, length, partial, err := parseRange(r.Header.Get("Range"), o.Size)
	if err != nil {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", o.Size))
		return err
	}
	if _, err := f.Seek(start, io.SeekStart); err != nil {
		return fmt.Errorf("read %s/%s: %w", bucketName, name, err)
	}
	setObjectHeaders(w.Header(), o)
	w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	status := http.StatusOK
	if partial {
		status = http.StatusPartialContent
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, start+length-1, o.Size))
	}
	allow(w, length)
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	// From a file to a connection the kernel copies. Once bytes are under way an
	// error can only break the connection, which the short length does.
	if _, err := io.CopyN(w, f, length); err != nil && r.Context().Err() == nil {
		s.log.WarnContext(r.Context(), "download cut short", "bucket", bucketName, "object", name, "error", err)
	}
	return nil
}

// openObject finds a version of an object, and the live one, and opens its body. An
// overwrite between the two removes the body, so it looks again; only a body that is
// missing while its object lives is a fault.
func (s *Server) openObject(bucketName, name string, generation *int64) (o, live *object, f *os.File, err error) {
	var last *object
	for {
		o, live, err = s.store.lookup(bucketName, name, generation)
		if err != nil {
			return nil, nil, nil, err
		}
		f, err = s.store.blobs.open(o)
		switch {
		case errors.Is(err, fs.ErrNotExist) && o != last:
			last = o
			continue
		case err != nil:
			return nil, nil, nil, fmt.Errorf("open the body of %s/%s: %w", bucketName, name, err)
		}
		if info, err := f.Stat(); err != nil || info.Size() != o.Size {
			f.Close()
			return nil, nil, nil, fmt.Errorf("the body of %s/%s is not the %d bytes it should be: %w", bucketName, name, o.Size, errors.Join(err, fs.ErrInvalid))
		}
		return o, live, f, nil
	}
}

func setObjectHeaders(h http.Header, o *object) {
	contentType := o.Meta.ContentType
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	class := o.Meta.StorageClass
	if class == "" {
		class = defaultStorageClass
	}
	stored := o.Meta.ContentEncoding
	if stored == "" {
		stored = "identity"
	}
	h.Set("Content-Type", contentType)
	h.Set("Accept-Ranges", "bytes")
	h.Set("ETag", `"`+o.etag()+`"`)
	h.Set("Last-Modified", o.Updated.UTC().Format(http.TimeFormat))
	h.Set("X-Goog-Generation", strconv.FormatInt(o.Generation, 10))
	h.Set("X-Goog-Metageneration", strconv.FormatInt(o.Metageneration, 10))
	h.Set("X-Goog-Storage-Class", class)
	h.Set("X-Goog-Stored-Content-Encoding", stored)
	h.Set("X-Goog-Stored-Content-Length", strconv.FormatInt(o.Size, 10))
	h.Add("X-Goog-Hash", "crc32c="+o.crc32cBase64())
	if o.MD5 != nil {
		h.Add("X-Goog-Hash", "md5="+o.md5Base64())
	}
	for key, value := range map[string]string{
		"Cache-Control":       o.Meta.CacheControl,
		"Content-Disposition": o.Meta.ContentDisposition,
		"Content-Encoding":    o.Meta.ContentEncoding,
		"Content-Language":    o.Meta.ContentLanguage,
	} {
		if value != "" {
			h.Set(key, value)
		}
	}
	for key, value := range o.Meta.Custom { // net/http leaves out keys that are no header names
		h.Set("X-Goog-Meta-"+key, value)
	}
}

// parseRange reads a Range header for a body of size bytes. As the real service
// does, it ignores what it does not understand, and several ranges at once.
func parseRange(header string, size int64) (start, length int64, partial bool, err error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !ok || !dash {
		return 0, size, false, nil
	}
	if first == "" { // the last n bytes
		n, err := strconv.ParseUint(last, 10, 63)
		if err != nil {
			return 0, size, false, nil
		}
		if n == 0 || size == 0 {
			return 0, 0, false, errRange
		}
		length = min(int64(n), size)
		return size - length, length, true, nil
	}
	from, err := strconv.ParseUint(first, 10, 63)
	if err != nil {
		return 0, size, false, nil
	}
	to := uint64(max(size, 1) - 1)
	if last != "" {
		n, err := strconv.ParseUint(last, 10, 63)
		if err != nil || n < from {
			return 0, size, false, nil
		}
		to = min(to, n)
	}
	if from >= uint64(size) {
		return 0, 0, false, errRange
	}
	return int64(from), int64(to - from + 1), true, nil
}
