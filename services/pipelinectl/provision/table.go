package provision

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

func (p *provisioner) table(ctx context.Context, t sql.Table) (Outcome, string, error) {
	handle := p.bigquery.Dataset(p.cfg.Dataset).Table(t.Name)
	have, err := handle.Metadata(ctx)
	if isStatus(err, http.StatusNotFound) {
		if p.opts.DryRun {
			return Created, "", nil
		}
		err = handle.Create(ctx, describeTable(t))
		if !isStatus(err, http.StatusConflict) {
			return Created, "", err
		}
		// Another run came first; what it made may be of another release.
		have, err = handle.Metadata(ctx)
	}
	if err != nil {
		return "", "", err
	}
	update, changed, err := mendTable(have, describeTable(t))
	if err != nil || len(changed) == 0 {
		return Unchanged, "", err
	}
	if !p.opts.DryRun {
		if _, err := handle.Update(ctx, update, have.ETag); err != nil {
			return "", "", err
		}
	}
	return Updated, list("", changed), nil
}

// describeTable is the table in BigQuery's own terms.
func describeTable(t sql.Table) *bigquery.TableMetadata {
	m := &bigquery.TableMetadata{Description: t.Description, Schema: schemaOf(t.Columns)}
	if t.PartitionColumn != "" {
		m.TimePartitioning = &bigquery.TimePartitioning{
			Type:       bigquery.DayPartitioningType,
			Field:      t.PartitionColumn,
			Expiration: time.Duration(t.PartitionExpirationDays) * 24 * time.Hour,
		}
	}
	if len(t.Clustering) > 0 {
		m.Clustering = &bigquery.Clustering{Fields: t.Clustering}
	}
	return m
}

// mendTable gives the update that turns have into want, and what it changes.
func mendTable(have, want *bigquery.TableMetadata) (bigquery.TableMetadataToUpdate, []string, error) {
	var update bigquery.TableMetadataToUpdate
	var changed []string
	merged, changed, err := mergeSchemas(have.Schema, want.Schema, "")
	if err != nil {
		return update, nil, err
	}
	if len(changed) > 0 {
		update.Schema = merged
	}
	if have.Description != want.Description {
		update.Description = want.Description
		changed = append(changed, "description")
	}
	if partitionField(have) != partitionField(want) {
		return update, nil, &ConflictError{Reason: fmt.Sprintf("it is partitioned by %q instead of %q", partitionField(have), partitionField(want))}
	}
	if want.TimePartitioning != nil && have.TimePartitioning.Expiration != want.TimePartitioning.Expiration {
		update.TimePartitioning = want.TimePartitioning
		changed = append(changed, "partition expiration")
	}
	if !slices.Equal(clusteringOf(have), clusteringOf(want)) {
		update.Clustering = &bigquery.Clustering{Fields: clusteringOf(want)}
		changed = append(changed, "clustering")
	}
	return update, changed, nil
}

func partitionField(m *bigquery.TableMetadata) string {
	if m.TimePartitioning == nil {
		return ""
	}
	return m.TimePartitioning.Field
}

func clusteringOf(m *bigquery.TableMetadata) []string {
	if m.Clustering == nil {
		return nil
	}
	return m.Clustering.Fields
}

func (p *provisioner) view(ctx context.Context, v sql.Table) (Outcome, string, error) {
	// Stored views do not remember the default dataset of whoever made them.
	query, err := sql.QualifyTables(v.ViewQuery, p.cfg.ProjectID+"."+p.cfg.Dataset)
	if err != nil {
		return "", "", err
	}
	handle := p.bigquery.Dataset(p.cfg.Dataset).Table(v.Name)
	have, err := handle.Metadata(ctx)
	if isStatus(err, http.StatusNotFound) {
		if p.opts.DryRun {
			return Created, "", nil
		}
		return Created, "", handle.Create(ctx, &bigquery.TableMetadata{Description: v.Description, ViewQuery: query})
	}
	if err != nil {
		return "", "", err
	}
	if have.Type != bigquery.ViewTable {
		return "", "", &ConflictError{Reason: "it is a table, not a view"}
	}
	var update bigquery.TableMetadataToUpdate
	var changed []string
	if have.ViewQuery != query {
		update.ViewQuery, update.UseLegacySQL = query, false
		changed = append(changed, "query")
	}
	if have.Description != v.Description {
		update.Description = v.Description
		changed = append(changed, "description")
	}
	if len(changed) == 0 {
		return Unchanged, "", nil
	}
	if !p.opts.DryRun {
		if _, err := handle.Update(ctx, update, have.ETag); err != nil {
			return "", "", err
		}
	}
	return Updated, list("changed: ", changed), nil
}
