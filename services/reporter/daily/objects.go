package daily

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
)

// errChanged says that somebody else has written an object since it was looked at.
var errChanged = errors.New("object was changed meanwhile")

// version is how an object was found; the zero version is none.
type version struct {
	generation int64
	crc32c     uint32
}

// look finds out how an object is now.
func look(ctx context.Context, object *storage.ObjectHandle) (version, error) {
	attrs, err := object.Attrs(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return version{}, nil
	}
	if err != nil {
		return version{}, fmt.Errorf("look at %s: %w", object.ObjectName(), err)
	}
	return version{attrs.Generation, attrs.CRC32C}, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// replace writes an object's content, unless it has it already. It gives
// errChanged if the object is no longer as it was seen.
func replace(ctx context.Context, object *storage.ObjectHandle, seen version, contentType string, content []byte) error {
	if seen.generation != 0 && seen.crc32c == crc32.Checksum(content, castagnoli) {
		return nil
	}
	unchanged := storage.Conditions{GenerationMatch: seen.generation}
	if seen.generation == 0 {
		unchanged = storage.Conditions{DoesNotExist: true}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends an upload that failed: closing it would publish the half
	w := object.If(unchanged).NewWriter(ctx)
	w.ContentType, w.CacheControl = contentType, "no-cache"
	_, err := w.Write(content)
	if err == nil {
		err = w.Close()
	}
	if call, ok := errors.AsType[*googleapi.Error](err); ok && call.Code == http.StatusPreconditionFailed {
		return errChanged
	} else if ok && call.Code == http.StatusNotFound { // an object is written whether it exists or not
		return fmt.Errorf("write %s to bucket %s: %w", object.ObjectName(), object.BucketName(), storage.ErrBucketNotExist)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", object.ObjectName(), err)
	}
	return nil
}
