package catalog

import (
	"context"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

func (c *Catalog) viewSQL(t *bq.Table) (string, error) {
	if t.View.UseLegacySql && !slices.Contains(t.View.ForceSendFields, "UseLegacySql") {
		return "", fault.Unserved("views in legacy SQL")
	}
	statements, err := dialect.Translate(t.View.Query, c.Env(t.TableReference.DatasetId, nil))
	if err != nil {
		return "", err
	}
	if len(statements) != 1 || statements[0].Kind != dialect.Select {
		return "", fault.Query("A view's query must be one SELECT")
	}
	return statements[0].SQL, nil
}

// describeView gives the view the columns of its query, with the descriptions that it has for them.
func (c *Catalog) describeView(t *bq.Table, sql string) error {
	given := t.Schema
	if err := c.describe(t, sql); err != nil {
		return err
	}
	if given == nil {
		return nil
	}
	descriptions := make(map[string]string, len(given.Fields))
	for _, f := range given.Fields {
		descriptions[strings.ToLower(f.Name)] = f.Description
	}
	for _, f := range t.Schema.Fields {
		f.Description = descriptions[strings.ToLower(f.Name)]
	}
	return nil
}

// refreshViews rebuilds all views: DuckDB's fix their columns when created,
// BigQuery's follow the tables.
func (c *Catalog) refreshViews(ctx context.Context) error {
	for _, d := range c.Datasets() {
		tables, err := c.Tables(d.DatasetReference.DatasetId)
		if err != nil {
			return err
		}
		for _, old := range tables {
			if old.Type != "VIEW" {
				continue
			}
			t, err := clone(old)
			if err != nil {
				return err
			}
			sql, err := c.viewSQL(t)
			if err != nil {
				// The view is broken, as it would be in BigQuery; that is
				// told to whoever reads it.
				continue
			}
			if err := c.describeView(t, sql); err != nil {
				continue
			}
			if err := c.storeTable(ctx, t, "CREATE OR REPLACE VIEW "+refOf(t).SQL()+" AS "+sql); err != nil {
				return err
			}
		}
	}
	return nil
}
