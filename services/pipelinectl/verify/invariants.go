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

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Invariants checks what must hold whatever was landed: each statement of the
// sql module's folder verify finds nothing, and the bucket agrees with the ledger.
// An error is a check that could not be made.
func Invariants(ctx context.Context, c *Clients) ([]Violation, error) {
	statements, err := sql.Group("verify")
	if err != nil {
		return nil, err
	}
	var found findings
	for _, s := range statements {
		name := strings.TrimPrefix(s.Name, "verify/")
		found.begin(name)
		err := c.eachRow(ctx, s.Text, func(row []bigquery.Value) error {
			found.add("%v", row[0])
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", name, err)
		}
	}
	if err := c.catalog(ctx, &found); err != nil {
		return nil, err
	}
	if err := c.objects(ctx, &found); err != nil {
		return nil, err
	}
	found.end()
	return found.list, nil
}

// catalog checks that every rule that stands in the warehouse is one that the
// catalog explains.
func (c *Clients) catalog(ctx context.Context, found *findings) error {
	found.begin("rules_in_catalog")
	const text = `SELECT DISTINCT q.check_type AS rule FROM data_quality_checks AS q
		UNION DISTINCT SELECT r.rule FROM rejected_records AS r
		UNION DISTINCT SELECT l.reason FROM file_ledger AS l WHERE l.reason IS NOT NULL`
	err := c.eachRow(ctx, text, func(row []bigquery.Value) error {
		id, _ := row[0].(string)
		if _, known := rules.Lookup(rules.ID(id)); !known {
			found.add("%q", id)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the rules: %w", err)
	}
	return nil
}

// objects checks that nothing waits in landing/ and staging/, and that archive/
// and quarantine/ hold the files of the ledger, each at its place, and no others.
// Files that the bucket's lifecycle may have deleted may be absent.
func (c *Clients) objects(ctx context.Context, found *findings) error {
	for _, prefix := range []string{topology.Landing, topology.Staging} {
		found.begin("nothing_left_in_" + strings.TrimSuffix(prefix, "/"))
		err := c.eachObject(ctx, prefix, func(name string) { found.add("%s", name) })
		if err != nil {
			return err
		}
	}
	places, err := c.places(ctx)
	if err != nil {
		return err
	}
	found.begin("files_put_away")
	for _, prefix := range []string{topology.Archive, topology.Quarantine} {
		err := c.eachObject(ctx, prefix, func(name string) {
			if _, known := places[name]; !known {
				found.add("%s: no file of the ledger belongs there", name)
			}
			delete(places, name)
		})
		if err != nil {
			return err
		}
	}
	bucket, err := c.Storage.Bucket(c.Config.Bucket).Attrs(ctx)
	if err != nil {
		return fmt.Errorf("read the lifecycle of bucket %s: %w", c.Config.Bucket, err)
	}
	now := time.Now()
	for _, name := range slices.Sorted(maps.Keys(places)) {
		if !mayBeDeleted(bucket.Lifecycle.Rules, name, places[name], now) {
			found.add("%s: the ledger's file is not there", name)
		}
	}
	return nil
}

// eachObject visits the files under a prefix.
func (c *Clients) eachObject(ctx context.Context, prefix string, visit func(name string)) error {
	query := &storage.Query{Prefix: prefix}
	if err := query.SetAttrSelection([]string{"Name"}); err != nil {
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
			visit(attrs.Name)
		}
	}
}

// places is where the ledger's files must stand, and when each was loaded or given
// up, which is just before it was put there.
func (c *Clients) places(ctx context.Context) (map[string]time.Time, error) {
	places := make(map[string]time.Time)
	const text = "SELECT l.file_id, l.landing_name, l.verdict, l.landed_at, l.loaded_at FROM file_ledger AS l"
	err := c.eachRow(ctx, text, func(row []bigquery.Value) error {
		id, _ := row[0].(string)
		name, _ := row[1].(string)
		landedAt, landed := row[3].(time.Time)
		loadedAt, loaded := row[4].(time.Time)
		if id == "" || !landed || !loaded {
			return fmt.Errorf("a row of the ledger is incomplete: %v", row)
		}
		kind := topology.KindOf(name)
		if row[2] == "loaded" {
			places[topology.ArchiveName(landedAt, kind, id, name)] = loadedAt
		} else {
			places[topology.QuarantineName(kind, id, name)] = loadedAt
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return places, nil
}
