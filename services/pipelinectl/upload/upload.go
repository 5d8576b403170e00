// Package upload lands files: it copies local files to objects whole or not at all.
package upload

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Kinds are the folders under landing/.
var Kinds = []string{"orders", "products", "customers"}

// KindOf guesses a file's kind: by the folder that it lies in, else by how its
// name begins. It is empty if neither tells.
func KindOf(path string) string {
	folder, base := filepath.Base(filepath.Dir(path)), filepath.Base(path)
	for _, kind := range Kinds {
		if folder == kind {
			return kind
		}
	}
	for _, kind := range Kinds {
		if strings.HasPrefix(base, kind) {
			return kind
		}
	}
	return ""
}

// LandingName is the object that a file of a kind becomes.
func LandingName(kind, path string) string {
	return topology.Landing + kind + "/" + filepath.Base(path)
}

// ErrOccupied is a name under which another file still waits to be claimed. To
// overwrite it would lose it: nobody has read it yet.
var ErrOccupied = errors.New("another file of this name still waits to be claimed")

// File copies a file to an object and gives the object's generation. If it
// fails, there is no object, or another that was there before (ErrOccupied). The same
// bytes under the same name are no other: an upload may be repeated.
func File(ctx context.Context, bucket *storage.BucketHandle, name, path string) (int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return Copy(ctx, bucket, name, file)
}

// Copy is File for any source of bytes.
func Copy(ctx context.Context, bucket *storage.BucketHandle, name string, content io.Reader) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	object := bucket.Object(name).If(storage.Conditions{DoesNotExist: true}).NewWriter(ctx)
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	size, err := io.Copy(io.MultiWriter(sum, object), content)
	if err != nil && !claim.IsPrecondition(err) {
		cancel() // a closed writer would publish the half
		return 0, errors.Join(fmt.Errorf("upload %s: %w", name, err), ignoreCanceled(object.Close()))
	}
	if err == nil {
		if err = object.Close(); err == nil {
			return object.Attrs().Generation, nil
		}
	}
	if !claim.IsPrecondition(err) {
		return 0, fmt.Errorf("upload %s: %w", name, err)
	}
	// Perhaps it is ours, and only the answer was lost.
	found, err := bucket.Object(name).Attrs(ctx)
	if err == nil && found.Size == size && found.CRC32C == sum.Sum32() {
		return found.Generation, nil
	}
	return 0, fmt.Errorf("upload %s: %w", name, ErrOccupied)
}

func ignoreCanceled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
