package storagefront

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// download sends an object's bytes, or the one range of them that was asked for.
func (s *Server) download(w http.ResponseWriter, r *http.Request, ref store.Ref) error {
	o, f, err := s.store.Open(ref)
	if err != nil {
		return err
	}
	defer f.Close()
	start, length, partial, err := parseRange(r.Header.Get("Range"), o.Size)
	if err != nil {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", o.Size))
		return err
	}
	if _, err := f.Seek(start, io.SeekStart); err != nil {
		return fmt.Errorf("read %s/%s: %w", ref.Bucket, ref.Name, err)
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
		s.log.WarnContext(r.Context(), "download cut short", "bucket", ref.Bucket, "object", ref.Name, "error", err)
	}
	return nil
}

func setObjectHeaders(h http.Header, o *store.Object) {
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
	h.Set("ETag", `"`+etag(o.Generation, o.Metageneration)+`"`)
	h.Set("Last-Modified", o.Updated.UTC().Format(http.TimeFormat))
	h.Set("X-Goog-Generation", strconv.FormatInt(o.Generation, 10))
	h.Set("X-Goog-Metageneration", strconv.FormatInt(o.Metageneration, 10))
	h.Set("X-Goog-Storage-Class", class)
	h.Set("X-Goog-Stored-Content-Encoding", stored)
	h.Set("X-Goog-Stored-Content-Length", strconv.FormatInt(o.Size, 10))
	h.Add("X-Goog-Hash", "crc32c="+crc32cBase64(o))
	if o.MD5 != nil {
		h.Add("X-Goog-Hash", "md5="+base64.StdEncoding.EncodeToString(o.MD5))
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
