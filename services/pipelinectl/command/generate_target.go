package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"cloud.google.com/go/storage"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

// target is where generated files of one kind go.
type target struct {
	kind   string
	stdout io.Writer             // if neither of the others is set
	dir    string                // a folder
	bucket *storage.BucketHandle // the bucket's landing/
	client *storage.Client
}

func openTarget(ctx context.Context, cmd *cli.Command, kind string) (*target, error) {
	t := &target{kind: kind, stdout: cmd.Root().Writer}
	switch dir := cmd.String("out"); {
	case dir != "" && cmd.Bool("upload"):
		return nil, usage.Errorf("give --out or --upload, not both")
	case dir != "":
		t.dir = filepath.Join(dir, kind)
		if err := os.MkdirAll(t.dir, 0o755); err != nil {
			return nil, fmt.Errorf("make the folder: %w", err)
		}
	case cmd.Bool("upload"):
		cfg, err := configOf(cmd)
		if err != nil {
			return nil, err
		}
		if t.client, err = cfg.NewStorage(ctx); err != nil {
			return nil, err
		}
		t.bucket = t.client.Bucket(cfg.Bucket)
	}
	return t, nil
}

// write makes one file.
func (t *target) write(ctx context.Context, name string, content func(io.Writer) error) error {
	switch {
	case t.bucket != nil:
		return t.land(ctx, name, content)
	case t.dir != "":
		return writeFile(filepath.Join(t.dir, name), content)
	default:
		out := bufio.NewWriter(t.stdout)
		return errors.Join(content(out), out.Flush())
	}
}

// land streams the content to an object; a generator that fails leaves none.
func (t *target) land(ctx context.Context, name string, content func(io.Writer) error) error {
	reader, writer := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		writer.CloseWithError(content(writer))
	}()
	_, err := upload.Copy(ctx, t.bucket, upload.LandingName(t.kind, name), reader)
	// An upload that fails must not leave the generator waiting for a reader.
	reader.CloseWithError(errors.New("the upload has ended"))
	<-written
	return err
}

// writeFile makes a file in one step, so that whoever watches the folder never sees half of it.
func writeFile(path string, content func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // fails once it is renamed
	if err := errors.Join(content(file), file.Chmod(0o644), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}

func (t *target) Close() error {
	if t.client == nil {
		return nil
	}
	return t.client.Close()
}
