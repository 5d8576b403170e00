package claim

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Kept yields every file of archive/ and quarantine/, but no folder. An error is the last that it yields.
func Kept(ctx context.Context, bucket *storage.BucketHandle) iter.Seq2[*storage.ObjectAttrs, error] {
	return func(yield func(*storage.ObjectAttrs, error) bool) {
		for _, prefix := range []string{topology.Archive, topology.Quarantine} {
			objects := bucket.Objects(ctx, &storage.Query{Prefix: prefix})
			for {
				object, err := objects.Next()
				if errors.Is(err, iterator.Done) {
					break
				}
				if err != nil {
					yield(nil, fmt.Errorf("list %s: %w", prefix, err))
					return
				}
				if !topology.IsFolder(object.Name) && !yield(object, nil) {
					return
				}
			}
		}
	}
}
