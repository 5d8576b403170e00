package store

import (
	"crypto/md5"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

// castagnoli is the polynomial of CRC32C; amd64 and arm64 compute it in hardware.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// copyBuffers serve the streaming of bodies; 128 KiB is past where larger
// reads stop helping, and bounds what one upload holds in memory.
var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 128<<10); return &b }}

// copyBody is io.Copy with a pooled buffer.
func copyBody(dst io.Writer, src io.Reader) (int64, error) {
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	return io.CopyBuffer(dst, struct{ io.Reader }{src}, *buf) // a file would bring a buffer of its own
}

// blobs are the bodies on disk. A body has a number of its own, given before
// the object's generation is known, so that files move without the store's lock.
type blobs struct {
	buckets  string
	incoming string
	last     atomic.Int64
}

func (b *blobs) path(bucket, name string, blob int64) string {
	return filepath.Join(b.buckets, bucket, blobPath(name, blob))
}

// Body is an object's bytes on their way in, to one file and into checksums.
type Body struct {
	file *os.File
	path string
	size int64
	crc  uint32
	md5  hash.Hash // nil: not wanted
}

// NewBody starts a body. Whoever does so must end with Discard.
func (s *Store) NewBody() (*Body, error) { return s.blobs.create() }

// create starts a body in the incoming folder.
func (b *blobs) create() (*Body, error) {
	path := filepath.Join(b.incoming, strconv.FormatInt(b.last.Add(1), 10))
	// Read-only for everyone but this descriptor: bodies never change, and hard
	// links would spread a careless edit.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o444)
	if err != nil {
		return nil, fmt.Errorf("create a body: %w", err)
	}
	return &Body{file: f, path: path, md5: md5.New()}, nil
}

// ReadFrom appends what r has. Its error is r's or the disk's.
func (b *Body) ReadFrom(r io.Reader) (int64, error) { return copyBody(bodyWriter{b}, r) }

// bodyWriter appends bytes to a body.
type bodyWriter struct{ to *Body }

func (b bodyWriter) Write(p []byte) (int, error) {
	n, err := b.to.file.Write(p)
	b.to.count(p[:n])
	return n, err
}

// bodySums counts and hashes bytes that are already in the body's file.
type bodySums struct{ of *Body }

func (b bodySums) Write(p []byte) (int, error) {
	b.of.count(p)
	return len(p), nil
}

func (b *Body) count(p []byte) {
	b.size += int64(len(p))
	b.crc = crc32.Update(b.crc, castagnoli, p)
	if b.md5 != nil {
		b.md5.Write(p)
	}
}

func (b *Body) md5Sum() []byte {
	if b.md5 == nil {
		return nil
	}
	return b.md5.Sum(nil)
}

// Discard gives the body up. It is harmless once the body was placed.
func (b *Body) Discard() {
	b.file.Close()
	os.Remove(b.path)
}

// place moves a finished body to where the object's bytes belong and returns its number.
func (b *blobs) place(in *Body, bucket, name string) (int64, error) {
	if err := in.file.Close(); err != nil {
		return 0, fmt.Errorf("close a body: %w", err)
	}
	return b.settle(bucket, name, func(to string) error { return os.Rename(in.path, to) })
}

// takeBack undoes Place, for a body whose object was not made: its bytes are there for
// another attempt, or to be discarded.
func (b *blobs) takeBack(in *Body, bucket, name string, blob int64) {
	if err := os.Rename(b.path(bucket, name, blob), in.path); err != nil {
		b.remove(bucket, name, blob)
	}
}

// link gives an existing body a second name and number. fs.ErrNotExist means
// that the source was removed meanwhile.
func (b *blobs) link(from *Object, bucket, name string) (int64, error) {
	source := b.path(from.Bucket, from.Name, from.Blob)
	return b.settle(bucket, name, func(to string) error {
		err := os.Link(source, to)
		switch {
		case errors.Is(err, syscall.EMLINK), errors.Is(err, syscall.EPERM), errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.EXDEV):
			return copyFile(source, to) // a file system without links, or 65,000 of them
		case errors.Is(err, fs.ErrNotExist):
			if _, serr := os.Stat(source); serr != nil {
				return errSourceGone
			}
		}
		return err
	})
}

// errSourceGone tells a vanished source from a vanished target folder, which are one errno.
var errSourceGone = errors.New("the source's body is gone")

// settle numbers a body and runs put, making the folders it needs. Folders are
// not removed while the server runs, so once made they stay.
func (b *blobs) settle(bucket, name string, put func(to string) error) (int64, error) {
	blob := b.last.Add(1)
	to := b.path(bucket, name, blob)
	err := put(to)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(to), 0o755); err == nil {
			err = put(to)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("place a body of %q: %w", name, err)
	}
	return blob, nil
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o444)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, src); err != nil {
		dst.Close()
		os.Remove(to)
		return err
	}
	return dst.Close()
}

// remove deletes an object's body. What fails here, and folders left empty, are
// swept at the next start, so nobody waits for it.
func (b *blobs) remove(bucket, name string, blob int64) {
	os.Remove(b.path(bucket, name, blob))
}

// open opens an object's body. fs.ErrNotExist means that it was removed meanwhile.
func (b *blobs) open(o *Object) (*os.File, error) {
	return os.Open(b.path(o.Bucket, o.Name, o.Blob))
}
