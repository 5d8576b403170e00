package recall

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// OnTheWay are the objects that are on their way: those of landing/ that are not ignored, and
// those of staging/ by the ids of their files.
func OnTheWay(ctx context.Context, bucket *storage.BucketHandle, ignore topology.Ignore) (landing []string, staging map[string]bool, err error) {
	staging = make(map[string]bool)
	for _, prefix := range []string{topology.Landing, topology.Staging} {
		objects := bucket.Objects(ctx, &storage.Query{Prefix: prefix})
		for {
			object, err := objects.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				return nil, nil, fmt.Errorf("list %s: %w", prefix, err)
			}
			switch {
			case topology.IsFolder(object.Name):
			case prefix == topology.Staging:
				staging[topology.FileIDOfStaging(object.Name)] = true
			case !ignore.IsIgnored(object.Name):
				landing = append(landing, object.Name)
			}
		}
	}
	return landing, staging, nil
}

// The bucket is asked soon at first, and then less and less often.
const (
	firstPause = 250 * time.Millisecond
	mostPause  = 10 * time.Second
)

// Await waits until files are in the ledger and put away, each as its newest revision; without
// ids, until nothing is on its way. It tells how many are not there yet, as often as it looks.
// Its error is the context's, or that of the cloud.
func (c *Client) Await(ctx context.Context, ids []string, ignore topology.Ignore, left func(int)) ([]File, error) {
	wanted := make(map[string]bool)
	for _, id := range ids {
		wanted[id] = true
	}
	for pause := firstPause; ; pause = min(pause*3/2, mostPause) {
		landing, staging, err := OnTheWay(ctx, c.bucket, ignore)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			if left(len(landing) + len(staging)); len(landing)+len(staging) == 0 {
				return nil, nil
			}
		} else {
			known, err := Select(ctx, c.Ledger(), Selection{IDs: ids})
			if err != nil {
				return nil, err
			}
			missing := maps.Clone(wanted)
			for _, f := range known {
				if !staging[f.ID] {
					delete(missing, f.ID)
				}
			}
			if left(len(missing)); len(missing) == 0 {
				return known, nil
			}
		}
		if err := sleep.For(ctx, pause); err != nil {
			return nil, err
		}
	}
}
