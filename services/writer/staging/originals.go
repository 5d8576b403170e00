package staging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// originals finds the files that records were read from.
type originals struct {
	bucket *storage.BucketHandle
	within time.Duration // in which each answer has to come
}

// original is such a file.
type original struct {
	*stored.Excerpts
	object      *stored.Object
	landingName string
}

// errGone says that the file is nowhere, or has other bytes than those that were read.
var errGone = errors.New("the record's file is gone")

// open opens a record's file, wherever it is by now: of a message that comes once more it may
// have been put away. The caller closes its object.
func (o originals) open(ctx context.Context, kind pipelinev1.FileKind, source *pipelinev1.RecordSource) (*original, error) {
	for _, folder := range topology.FileFolders(source.GetLandedAt().AsTime(), kind, source.GetFileId()) {
		file, err := o.openIn(ctx, folder)
		if errors.Is(err, iterator.Done) || errors.Is(err, storage.ErrObjectNotExist) {
			continue // it has moved on, or is not there yet
		}
		if err != nil {
			return nil, fmt.Errorf("open the file %s in %s: %w", source.GetFileId(), folder, err)
		}
		return file, nil
	}
	return nil, errGone
}

func (o originals) openIn(ctx context.Context, folder string) (*original, error) {
	looking, cancel := context.WithTimeout(ctx, o.within)
	defer cancel()
	attrs, err := o.bucket.Objects(looking, &storage.Query{Prefix: folder}).Next()
	if err != nil {
		return nil, err
	}
	claimed, err := claim.Read(attrs)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	object, err := stored.Open(ctx, o.bucket.Object(attrs.Name).Generation(attrs.Generation).ReadCompressed(true), o.within)
	if err != nil {
		return nil, err
	}
	excerpts, err := stored.NewExcerpts(object, object.Reader.Attrs.Size)
	if err != nil {
		err = errors.Join(err, object.Close())
		if _, isFault := errors.AsType[*stored.Fault](err); isFault {
			err = fmt.Errorf("%w: %w", errGone, err)
		}
		return nil, err
	}
	return &original{excerpts, object, claimed.File.GetLandingName()}, nil
}
