package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// files looks for those that do not get on.
func (e *examiner) files(ctx context.Context) {
	aside := func(ignored int) string {
		if ignored == 0 {
			return ""
		}
		return fmt.Sprintf("; %d that LANDING_IGNORE leaves alone", ignored)
	}
	for _, place := range []struct {
		check, prefix string
		patience      time.Duration
		remedy        string
	}{
		{
			"files in landing/", topology.Landing, e.opts.LandingAge,
			"Nobody claims them: check that the watcher runs and may read landing/.",
		},
		{
			"files in staging/", topology.Staging, e.opts.StagingAge,
			"They wait for parser, writer or aggregator: look at the readiness and the logs of those, and at the backlog of their subscriptions.",
		},
	} {
		if !e.needs(place.check, apiStorage, "bucket "+e.cfg.Bucket) {
			continue
		}
		waiting, late, ignored, oldest, err := e.waiting(ctx, place.prefix, place.patience)
		switch {
		case err != nil:
			e.add(place.check, Fail, err.Error(), remedyOf(err, "storage.googleapis.com"))
		case late > 0:
			e.add(place.check, Fail, fmt.Sprintf("%d of %d are older than %s, such as %s", late, waiting, place.patience, oldest)+aside(ignored), place.remedy)
		default:
			e.ok(place.check, fmt.Sprintf("%d, none older than %s", waiting, place.patience)+aside(ignored))
		}
	}
}

// waiting counts the files under a prefix, those older than patience and those that are
// ignored there, and names the oldest.
func (e *examiner) waiting(ctx context.Context, prefix string, patience time.Duration) (all, late, ignored int, oldest string, err error) {
	objects := e.storage.Bucket(e.cfg.Bucket).Objects(ctx, &storage.Query{Prefix: prefix})
	border, since := e.opts.Now().Add(-patience), time.Time{}
	for {
		object, err := objects.Next()
		if errors.Is(err, iterator.Done) {
			return all, late, ignored, oldest, nil
		}
		if err != nil {
			return 0, 0, 0, "", err
		}
		if topology.IsFolder(object.Name) {
			continue
		}
		if e.opts.Ignore.IsIgnored(object.Name) {
			ignored++
			continue
		}
		all++
		if object.Created.After(border) {
			continue
		}
		if late++; oldest == "" || object.Created.Before(since) {
			oldest, since = object.Name, object.Created
		}
	}
}
