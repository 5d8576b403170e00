package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"time"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
)

// Files opens the files of the daily reports.
type Files interface {
	// Open opens an object; one that is not there is an error that wraps
	// fs.ErrNotExist. It is called concurrently; the caller closes the file.
	Open(ctx context.Context, name string) (*File, error)
}

// File is an object that is open.
type File struct {
	io.ReadCloser
	Size       int64
	Modified   time.Time
	Generation int64 // tells contents apart
}

// Bucket is the Files that are a Cloud Storage bucket.
type Bucket struct{ Handle *storage.BucketHandle }

// Open implements Files.
func (b Bucket) Open(ctx context.Context, name string) (*File, error) {
	r, err := b.Handle.Object(name).NewReader(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return &File{r, r.Attrs.Size, r.Attrs.LastModified, r.Attrs.Generation}, nil
}

// Policy lets a report's page have the style sheet that it carries and
// nothing else: no script, no request, no frame around it. The page narrows it
// further, to that very style sheet.
const Policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-downloads"

// serveFile streams a file of a date. Only the names that a date can have are looked for.
func (s *Reports) serveFile(w http.ResponseWriter, r *http.Request) {
	ctx, name := r.Context(), r.PathValue("file")
	date, err := civil.ParseDate(r.PathValue("date"))
	if err != nil || !daily.IsFile(name) {
		http.NotFound(w, r)
		return
	}
	file, err := s.Files.Open(ctx, daily.ObjectName(date, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		http.NotFound(w, r)
		return
	case err != nil && ctx.Err() != nil:
		return // the client has gone
	case err != nil:
		s.Log.ErrorContext(ctx, "report file not opened", "report_date", date.String(), "file", name, "error", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "The file cannot be read. Try again in a moment.", http.StatusServiceUnavailable)
		return
	}
	defer file.Close()
	header := w.Header()
	// Whatever describes the file comes before the first way out: a browser that is
	// told "not modified" takes these headers over those that it has kept.
	if path.Ext(name) == ".csv" {
		header.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": date.String() + "-" + name}))
	} else {
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy", Policy)
	}
	etag := `"` + strconv.FormatInt(file.Generation, 36) + `"`
	header.Set("ETag", etag)
	header.Set("Cache-Control", "no-cache") // a date may be made again
	header.Set("Last-Modified", file.Modified.UTC().Format(http.TimeFormat))
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.FormatInt(file.Size, 10))
	if r.Method == http.MethodHead {
		return
	}
	if _, err := io.Copy(w, file); err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "report file not sent whole", "report_date", date.String(), "file", name, "error", err)
	}
}
