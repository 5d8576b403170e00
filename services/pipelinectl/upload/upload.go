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
	"slices"
	"strings"
	"unicode"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Kinds are the folders under landing/.
var Kinds = []string{"orders", "products", "customers"}

// KindOf guesses a file's kind: by the folder that it lies in, else by a word of
// its name. It is empty if neither tells.
func KindOf(path string) string {
	folder, base := filepath.Base(filepath.Dir(path)), filepath.Base(path)
	above := filepath.Base(filepath.Dir(filepath.Dir(path))) // of a source's folder
	for _, kind := range Kinds {
		if folder == kind || above == kind {
			return kind
		}
	}
	for _, kind := range Kinds {
		if slices.Contains(words(base), kind) {
			return kind
		}
	}
	return ""
}

// words are the words of a file's name.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
}

// SourceOf gives the source that a file is meant for by the folder that it lies in, below the
// one of its kind; empty if it is none of the names.
func SourceOf(path string, names []string) string {
	folder := filepath.Dir(path)
	if slices.Contains(Kinds, filepath.Base(filepath.Dir(folder))) && slices.Contains(names, filepath.Base(folder)) {
		return filepath.Base(folder)
	}
	return ""
}

// LandingName is the object that a file of a kind becomes.
func LandingName(kind, path string) string {
	return topology.Landing + kind + "/" + filepath.Base(path)
}

// LandingNameFor is the object that a file becomes which a source reads; empty or native: none.
func LandingNameFor(kind, source, path string) string {
	if source == "" {
		return LandingName(kind, path)
	}
	return topology.Landing + kind + "/" + source + "/" + filepath.Base(path)
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
