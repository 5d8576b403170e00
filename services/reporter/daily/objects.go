package daily

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
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

// uploadChunk is how much of an object is in memory, to be sent again if need be.
const uploadChunk = 1 << 20

// upload is an object's next content on its way. It becomes the object's only by
// commit; an upload that is abandoned leaves nothing behind.
type upload struct {
	out     *bufio.Writer // takes the content; fails for the object's sake alone
	object  *storage.ObjectHandle
	seen    version
	sent    *storage.Writer
	sum     hash.Hash32
	abandon context.CancelFunc
}

// newUpload begins an upload in the place of what was seen. It has to be abandoned,
// also after its commit.
func newUpload(ctx context.Context, object *storage.ObjectHandle, seen version, contentType string) *upload {
	unchanged := storage.Conditions{GenerationMatch: seen.generation}
	if seen.generation == 0 {
		unchanged = storage.Conditions{DoesNotExist: true}
	}
	ctx, cancel := context.WithCancel(ctx)
	u := &upload{object: object, seen: seen, sent: object.If(unchanged).NewWriter(ctx), sum: crc32.New(castagnoli), abandon: cancel}
	u.sent.ContentType, u.sent.CacheControl, u.sent.ChunkSize = contentType, "no-cache", uploadChunk
	u.out = bufio.NewWriter(io.MultiWriter(u.sum, u))
	return u
}

// Write sends what out has gathered.
func (u *upload) Write(p []byte) (int, error) {
	n, err := u.sent.Write(p)
	return n, u.fault(err)
}

// commit makes the content the object's, unless it is already. It gives errChanged
// if the object is no longer as it was seen.
func (u *upload) commit() error {
	if err := u.out.Flush(); err != nil {
		return err
	}
	if u.seen.generation != 0 && u.seen.crc32c == u.sum.Sum32() {
		u.abandon()
		return nil
	}
	return u.fault(u.sent.Close())
}

func (u *upload) fault(err error) error {
	if call, ok := errors.AsType[*googleapi.Error](err); ok && call.Code == http.StatusPreconditionFailed {
		return errChanged
	} else if ok && call.Code == http.StatusNotFound { // an object is written whether it exists or not
		return fmt.Errorf("write %s to bucket %s: %w", u.object.ObjectName(), u.object.BucketName(), storage.ErrBucketNotExist)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", u.object.ObjectName(), err)
	}
	return nil
}
