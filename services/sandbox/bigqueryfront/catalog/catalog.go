// Package catalog keeps what BigQuery knows about datasets and tables and
// DuckDB does not: descriptions, partitioning, clustering, expirations, labels,
// views in GoogleSQL, ETags. It is held in memory and written to the database
// in the same transaction as the change itself. Partitioning, clustering and
// expiration are metadata only: nothing is pruned by them and nothing expires.
package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/labels"
)

// Catalog is the metadata of one project. It may be used concurrently; what it
// returns must not be changed.
type Catalog struct {
	db      *engine.DB
	project string
	now     func() time.Time

	// changes serialises changes; mu guards the maps.
	changes  sync.Mutex
	mu       sync.RWMutex
	datasets map[string]*bq.Dataset
	tables   map[dialect.TableRef]*bq.Table
	streamed map[dialect.TableRef]streamed
	inserted map[dialect.TableRef]time.Time
	modified map[dialect.TableRef]time.Time // by statements, since opened
	policies map[dialect.TableRef]*iampolicy.Policy
	opened   time.Time
	etags    int64
}

const meta = dialect.MetaSchema

var metaTables = []string{
	`CREATE TABLE IF NOT EXISTS ` + meta + `.datasets (dataset VARCHAR, body VARCHAR)`,
	`CREATE TABLE IF NOT EXISTS ` + meta + `.tables (dataset VARCHAR, name VARCHAR, body VARCHAR)`,
	`CREATE TABLE IF NOT EXISTS ` + meta + `.streamed (dataset VARCHAR, name VARCHAR, noted BIGINT)`,
	policiesTable,
	`CREATE TABLE IF NOT EXISTS ` + meta + `.information_schema_tables (table_catalog VARCHAR, table_schema VARCHAR,
		table_name VARCHAR, table_type VARCHAR, is_insertable_into VARCHAR, creation_time TIMESTAMPTZ)`,
	`CREATE TABLE IF NOT EXISTS ` + meta + `.information_schema_columns (table_catalog VARCHAR, table_schema VARCHAR,
		table_name VARCHAR, column_name VARCHAR, ordinal_position BIGINT, is_nullable VARCHAR, data_type VARCHAR,
		is_partitioning_column VARCHAR, clustering_ordinal_position BIGINT)`,
}

// Open reads the metadata that an earlier run left.
func Open(ctx context.Context, db *engine.DB, project string, now func() time.Time) (*Catalog, error) {
	c := &Catalog{db: db, project: project, now: now,
		datasets: map[string]*bq.Dataset{}, tables: map[dialect.TableRef]*bq.Table{},
		streamed: map[dialect.TableRef]streamed{}, inserted: map[dialect.TableRef]time.Time{}, modified: map[dialect.TableRef]time.Time{}, policies: map[dialect.TableRef]*iampolicy.Policy{}, opened: now(), etags: now().UnixNano()}
	conn, err := db.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	for _, statement := range metaTables {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return nil, fmt.Errorf("prepare catalogue: %w", err)
		}
	}
	if err := c.read(ctx, conn); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload reads the metadata again, after a failure of the disk: of a change that failed
// by its commit, only the database knows whether it holds.
func (c *Catalog) Reload(ctx context.Context, conn *engine.Conn) error {
	c.changes.Lock()
	defer c.changes.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.datasets)
	clear(c.tables)
	clear(c.streamed)
	clear(c.policies)
	return c.read(ctx, conn)
}

func (c *Catalog) read(ctx context.Context, conn *engine.Conn) error {
	if err := load(ctx, conn, "datasets", func(d *bq.Dataset) { c.datasets[d.DatasetReference.DatasetId] = d }); err != nil {
		return err
	}
	if err := load(ctx, conn, "tables", func(t *bq.Table) { c.tables[refOf(t)] = t }); err != nil {
		return err
	}
	if err := c.loadStreamed(ctx, conn); err != nil {
		return err
	}
	return c.loadPolicies(ctx, conn)
}

func load[T any](ctx context.Context, conn *engine.Conn, table string, keep func(*T)) error {
	return conn.Query(ctx, "SELECT body FROM "+meta+"."+table, func(rows *engine.Rows) error {
		for {
			ok, err := rows.Next()
			if !ok || err != nil {
				return err
			}
			body, _ := rows.Text(0)
			item := new(T)
			if err := json.Unmarshal([]byte(body), item); err != nil {
				return fmt.Errorf("read catalogue: %w", err)
			}
			keep(item)
		}
	})
}

func refOf(t *bq.Table) dialect.TableRef {
	return dialect.TableRef{Dataset: t.TableReference.DatasetId, Table: t.TableReference.TableId}
}

// Project returns the project's name.
func (c *Catalog) Project() string { return c.project }

// Env is the world in which a statement is translated.
func (c *Catalog) Env(dataset string, params map[string]dialect.Param) dialect.Env {
	return dialect.Env{Project: c.project, Dataset: dataset, Params: params, Table: c.Lookup}
}

// etag returns a value that no earlier version of anything had.
func (c *Catalog) etag() string {
	c.etags++
	return fmt.Sprintf("%x", c.etags)
}

var (
	datasetName = regexp.MustCompile(`^[A-Za-z0-9_]{1,1000}$`)
	tableName   = regexp.MustCompile(`^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} ]{1,1000}$`)
	columnName  = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]{0,299}$`)
)

// change runs statements in one transaction. A conflict with a transaction
// that happens to run beside it will pass, so it is tried again.
//
// Changes come from jobs that hold a connection of the pool, so they bring one
// of their own: waiting for a second one could wait for ever.
func (c *Catalog) change(ctx context.Context, statements ...string) error {
	conn, err := c.db.Connect()
	if err != nil {
		return err
	}
	defer conn.Release()
	for attempt := 0; ; attempt++ {
		err := transact(ctx, conn, statements)
		if e, ok := errors.AsType[*engine.Error](err); !ok || e.Class != engine.ClassConflict || attempt == 20 {
			return err
		}
		if err := sleep.For(ctx, time.Duration(attempt+1)*5*time.Millisecond); err != nil {
			return err
		}
	}
}

func transact(ctx context.Context, conn *engine.Conn, statements []string) error {
	return conn.Transact(ctx, func() error {
		for _, statement := range statements {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

func text(s string) string { return engine.QuoteString(s) }

// Dataset returns a dataset.
func (c *Catalog) Dataset(id string) (*bq.Dataset, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if d := c.datasets[id]; d != nil {
		return d, nil
	}
	return nil, fault.NotFound("Dataset %s:%s", c.project, id)
}

// Datasets returns all datasets by name.
func (c *Catalog) Datasets() []*bq.Dataset {
	c.mu.RLock()
	defer c.mu.RUnlock()
	list := make([]*bq.Dataset, 0, len(c.datasets))
	for _, d := range c.datasets {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *bq.Dataset) int {
		return strings.Compare(a.DatasetReference.DatasetId, b.DatasetReference.DatasetId)
	})
	return list
}

// CreateDataset creates a dataset.
func (c *Catalog) CreateDataset(ctx context.Context, d *bq.Dataset) (*bq.Dataset, error) {
	if d.DatasetReference == nil || !datasetName.MatchString(d.DatasetReference.DatasetId) ||
		strings.EqualFold(d.DatasetReference.DatasetId, "main") || strings.EqualFold(d.DatasetReference.DatasetId, "temp") {
		return nil, fault.Invalid("Invalid dataset ID. Dataset IDs must be alphanumeric (plus underscores)")
	}
	c.changes.Lock()
	defer c.changes.Unlock()
	id := d.DatasetReference.DatasetId
	for _, other := range c.Datasets() {
		// DuckDB's names differ by more than case, BigQuery's need not.
		if strings.EqualFold(other.DatasetReference.DatasetId, id) {
			return nil, fault.Duplicate("Dataset %s:%s", c.project, id)
		}
	}
	d.Kind, d.Id = "bigquery#dataset", c.project+":"+id
	d.DatasetReference.ProjectId = c.project
	d.CreationTime = c.now().UnixMilli()
	return d, c.storeDataset(ctx, d, "CREATE SCHEMA "+engine.QuoteIdent(id))
}

// UpdateDataset replaces a dataset's metadata by a changed copy.
func (c *Catalog) UpdateDataset(ctx context.Context, d *bq.Dataset) (*bq.Dataset, error) {
	c.changes.Lock()
	defer c.changes.Unlock()
	if _, err := c.Dataset(d.DatasetReference.DatasetId); err != nil {
		return nil, err
	}
	return d, c.storeDataset(ctx, d)
}

func (c *Catalog) storeDataset(ctx context.Context, d *bq.Dataset, statements ...string) error {
	if err := labels.Check(d.Labels); err != nil {
		return fault.Invalid("Invalid label: %s", err)
	}
	d.LastModifiedTime = c.now().UnixMilli()
	if d.Location == "" {
		d.Location = "US"
	}
	d.Etag = c.etag()
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write catalogue: %w", err)
	}
	id := d.DatasetReference.DatasetId
	statements = append(statements,
		fmt.Sprintf("DELETE FROM %s.datasets WHERE dataset = %s", meta, text(id)),
		fmt.Sprintf("INSERT INTO %s.datasets VALUES (%s, %s)", meta, text(id), text(string(body))))
	if err := c.change(ctx, statements...); err != nil {
		return fmt.Errorf("store dataset %s: %w", id, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.datasets[id] = d
	return nil
}

// DeleteDataset drops a dataset, with its tables if contents is set.
func (c *Catalog) DeleteDataset(ctx context.Context, id string, contents bool) error {
	c.changes.Lock()
	defer c.changes.Unlock()
	if _, err := c.Dataset(id); err != nil {
		return err
	}
	tables, err := c.Tables(id)
	if err != nil {
		return err
	}
	if len(tables) > 0 && !contents {
		return fault.InUse("Dataset %s:%s is still in use", c.project, id)
	}
	statements := []string{
		"DROP SCHEMA " + engine.QuoteIdent(id) + " CASCADE",
		fmt.Sprintf("DELETE FROM %s.datasets WHERE dataset = %s", meta, text(id)),
		fmt.Sprintf("DELETE FROM %s.tables WHERE dataset = %s", meta, text(id)),
		fmt.Sprintf("DELETE FROM %s.streamed WHERE dataset = %s", meta, text(id)),
		fmt.Sprintf("DELETE FROM %s.policies WHERE dataset = %s", meta, text(id)),
		fmt.Sprintf("DELETE FROM %s.information_schema_tables WHERE table_schema = %s", meta, text(id)),
		fmt.Sprintf("DELETE FROM %s.information_schema_columns WHERE table_schema = %s", meta, text(id)),
	}
	if err := c.change(ctx, statements...); err != nil {
		return fmt.Errorf("delete dataset %s: %w", id, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.datasets, id)
	for _, t := range tables {
		delete(c.tables, refOf(t))
		delete(c.streamed, refOf(t))
		delete(c.inserted, refOf(t))
		delete(c.modified, refOf(t))
		delete(c.policies, refOf(t))
	}
	return nil
}
