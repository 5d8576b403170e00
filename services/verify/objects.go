package verify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// objects checks that nothing waits in landing/ and staging/ but what is ignored there, and that archive/ and
// quarantine/ hold the files of the ledger, each at its place, and no others. Files that
// the bucket's lifecycle may have deleted may be absent. It tells how many objects are
// on their way, if a grace is given to them.
//
// The order of reading is that of the flow: a file that moves on meanwhile is seen at
// its old place, at its new one, or at both, but never at none; and the ledger, which is
// asked before and after, knows every file that can have been put away.
func (c *Clients) objects(ctx context.Context, found *findings, grace time.Duration) (onTheWay int, err error) {
	now := time.Now()
	young := func(t time.Time) bool { return grace > 0 && now.Sub(t) < grace }
	before, err := c.ledger(ctx)
	if err != nil {
		return 0, err
	}
	for _, prefix := range []string{topology.Landing, topology.Staging} {
		found.begin("nothing_left_in_" + strings.TrimSuffix(prefix, "/"))
		err := c.eachObject(ctx, prefix, func(o *storage.ObjectAttrs) {
			switch {
			case c.Ignore.IsIgnored(o.Name):
			case young(o.Created):
				onTheWay++
			default:
				found.add("%s", o.Name)
			}
		})
		if err != nil {
			return 0, err
		}
	}
	stand := make(map[string]object)
	for _, prefix := range []string{topology.Archive, topology.Quarantine} {
		err := c.eachObject(ctx, prefix, func(o *storage.ObjectAttrs) { stand[o.Name] = object{o.Size, claim.ReadPutAway(o)} })
		if err != nil {
			return 0, err
		}
	}
	after, err := c.ledger(ctx)
	if err != nil {
		return 0, err
	}
	bucket, err := c.Storage.Bucket(c.Config.Bucket).Attrs(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the lifecycle of bucket %s: %w", c.Config.Bucket, err)
	}
	found.begin("files_put_away")
	for _, name := range slices.Sorted(maps.Keys(stand)) {
		switch {
		case before.places[name].loadedAt.IsZero() && after.places[name].loadedAt.IsZero() && young(after.moving[name]):
			onTheWay++ // its verdict is another since its last reading
		case before.places[name].loadedAt.IsZero() && after.places[name].loadedAt.IsZero():
			found.add("%s: no file of the ledger belongs there", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before.places)) {
		loadedAt := after.places[name].loadedAt
		_, stands := stand[name]
		switch {
		case stands, loadedAt.IsZero(), mayBeDeleted(bucket.Lifecycle.Rules, name, loadedAt, now):
		case young(loadedAt):
			onTheWay++ // it still stands in staging/
		default:
			found.add("%s: the ledger's file is not there", name)
		}
	}
	found.begin("files_unaltered")
	for _, name := range slices.Sorted(maps.Keys(stand)) {
		place := after.places[name]
		fault := stand[name].differsFrom(place)
		switch {
		case fault == "", place.loadedAt.IsZero():
		case young(place.loadedAt):
			onTheWay++ // the object of its last reading waits in staging/
		default:
			found.add("%s: %s", name, fault)
		}
	}
	return onTheWay, nil
}

// object is what the bucket says of a file that was put away.
type object struct {
	bytes int64
	claim.PutAway
}

// differsFrom says what is not as the ledger has it; nothing if all is.
func (o object) differsFrom(p place) string {
	switch {
	case o.bytes != p.bytes:
		return fmt.Sprintf("it has %d bytes, the ledger's file %d", o.bytes, p.bytes)
	case o.ParseID != p.parseID:
		return fmt.Sprintf("its metadata name the reading %q, the ledger %q", o.ParseID, p.parseID)
	case o.IsAltered:
		return "its bytes are not those that were put away"
	}
	return ""
}

// eachObject visits the files under a prefix.
func (c *Clients) eachObject(ctx context.Context, prefix string, visit func(*storage.ObjectAttrs)) error {
	query := &storage.Query{Prefix: prefix}
	if err := query.SetAttrSelection([]string{"Name", "Created", "Size", "CRC32C", "Metadata"}); err != nil {
		return fmt.Errorf("list %s: %w", prefix, err)
	}
	objects := c.Storage.Bucket(c.Config.Bucket).Objects(ctx, query)
	for {
		attrs, err := objects.Next()
		if errors.Is(err, iterator.Done) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", prefix, err)
		}
		if !topology.IsFolder(attrs.Name) {
			visit(attrs)
		}
	}
}

// ledger is what the ledger says of the objects of its files, each with the time at
// which the file was loaded or given up, which is just before it was put away.
type ledger struct {
	// places is where the files must stand.
	places map[string]place
	// moving is where a file stands until it is put away, if its earlier reading had
	// another verdict.
	moving map[string]time.Time
}

// place is what the ledger says of a file that stands at one.
type place struct {
	loadedAt time.Time
	bytes    int64
	parseID  string
}

func (c *Clients) ledger(ctx context.Context) (ledger, error) {
	l := ledger{make(map[string]place), make(map[string]time.Time)}
	err := c.eachRow(ctx, "check/places", func(row []bigquery.Value) error {
		id, _ := row[0].(string)
		name, _ := row[1].(string)
		landedAt, landed := row[3].(time.Time)
		loadedAt, loaded := row[4].(time.Time)
		p := place{loadedAt: loadedAt}
		p.bytes, _ = row[5].(int64)
		p.parseID, _ = row[6].(string)
		if id == "" || !landed || !loaded {
			return fmt.Errorf("a row of the ledger is incomplete: %v", row)
		}
		kind := topology.KindOf(name)
		archived, quarantined := topology.ArchiveName(landedAt, kind, id, name), topology.QuarantineName(kind, id, name)
		if row[2] == "loaded" {
			l.places[archived], l.moving[quarantined] = p, loadedAt
		} else {
			l.places[quarantined], l.moving[archived] = p, loadedAt
		}
		return nil
	})
	if err != nil {
		return l, fmt.Errorf("read the ledger: %w", err)
	}
	return l, nil
}
