package stack

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

const (
	// dropStable is how long a dropped file's size and time must not change.
	dropStable = 2 * time.Second
	dropPoll   = 250 * time.Millisecond
)

// dropFolder uploads files that a person puts into <data dir>/drop/<kind>/ to
// landing/<kind>/. A crash between upload and removal uploads a file twice, which
// is a duplicate like any other.
type dropFolder struct {
	dir    string
	bucket *storage.BucketHandle
	log    *slog.Logger
	seen   map[string]sighting
}

// sighting is how a file looked, and since when.
type sighting struct {
	size     int64
	modified time.Time
	since    time.Time
}

func newDropFolder(dir string, bucket *storage.BucketHandle, log *slog.Logger) (*dropFolder, error) {
	for _, kind := range []string{"orders", "products", "customers"} {
		if err := os.MkdirAll(filepath.Join(dir, kind), 0o755); err != nil {
			return nil, fmt.Errorf("make the drop folder: %w", err)
		}
	}
	return &dropFolder{dir: dir, bucket: bucket, log: log, seen: make(map[string]sighting)}, nil
}

// run polls until ctx is done.
func (d *dropFolder) run(ctx context.Context) {
	ticks := time.NewTicker(dropPoll)
	defer ticks.Stop()
	for {
		select {
		case now := <-ticks.C:
			d.scan(ctx, now)
		case <-ctx.Done():
			return
		}
	}
}

func (d *dropFolder) scan(ctx context.Context, now time.Time) {
	present := make(map[string]bool)
	err := filepath.WalkDir(d.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), ".") {
			return nil //nolint:nilerr // a file that vanished under the walk is looked at next time
		}
		info, err := entry.Info()
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		present[path] = true
		if d.stable(path, info, now) {
			if err := d.upload(ctx, path); err != nil && ctx.Err() == nil {
				d.log.ErrorContext(ctx, "dropped file not uploaded", "path", path, "error", err)
			}
		}
		return ctx.Err()
	})
	if err != nil && ctx.Err() == nil {
		d.log.ErrorContext(ctx, "drop folder not read", "error", err)
	}
	for path := range d.seen {
		if !present[path] {
			delete(d.seen, path)
		}
	}
}

// stable tells whether a file has looked the same for long enough.
func (d *dropFolder) stable(path string, info fs.FileInfo, now time.Time) bool {
	before, ok := d.seen[path]
	if !ok || before.size != info.Size() || !before.modified.Equal(info.ModTime()) {
		d.seen[path] = sighting{info.Size(), info.ModTime(), now}
		return false
	}
	return now.Sub(before.since) >= dropStable
}

func (d *dropFolder) upload(ctx context.Context, path string) error {
	relative, err := filepath.Rel(d.dir, path)
	if err != nil {
		return err
	}
	if _, err := upload.File(ctx, d.bucket, topology.Landing+filepath.ToSlash(relative), path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if before := d.seen[path]; info.Size() != before.size || !info.ModTime().Equal(before.modified) {
		d.log.WarnContext(ctx, "dropped file has changed while it was uploaded; it will be uploaded again", "name", relative)
		return nil
	}
	d.log.InfoContext(ctx, "dropped file uploaded", "name", relative)
	return os.Remove(path)
}
