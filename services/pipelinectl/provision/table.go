package provision

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

func (p *provisioner) table(ctx context.Context, t schema.Table) (Outcome, []Change, error) {
	handle := p.bigquery.Dataset(p.cfg.Dataset).Table(t.Name)
	want := describeTable(t, p.lifecycle.StagingDays)
	have, err := handle.Metadata(ctx)
	if isStatus(err, http.StatusNotFound) {
		if p.opts.DryRun {
			return Created, outline(want, len(t.Columns)), nil
		}
		err = handle.Create(ctx, want)
		if !isStatus(err, http.StatusConflict) {
			return Created, outline(want, len(t.Columns)), err
		}
		// Another run came first; what it made may be of another release.
		have, err = handle.Metadata(ctx)
	}
	if err != nil {
		return "", nil, err
	}
	left := keepLonger(have, want, p.opts.Shorten)
	update, changes, err := mendTable(have, want)
	if changes = append(changes, left...); err != nil || !pending(changes) {
		return Unchanged, changes, err
	}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	_, err = handle.Update(ctx, update, have.ETag)
	return Updated, changes, err
}

// outline is what a plan tells of a table that is made.
func outline(m *bigquery.TableMetadata, columns int) []Change {
	changes := []Change{{Setting: "columns", To: strconv.Itoa(columns)}}
	changes = compare(changes, "partitioned by", "", partitionField(m))
	changes = compare(changes, "partitions expire", "", partitionExpiry(m))
	return compare(changes, "clustered by", "", strings.Join(clusteringOf(m), ", "))
}

// describeTable is the table in BigQuery's own terms. Of one that expires, which are
// those of staging, stagingDays is how long it keeps rows, instead of what its statement
// says; 0: for good.
func describeTable(t schema.Table, stagingDays int) *bigquery.TableMetadata {
	days := t.PartitionExpirationDays
	if days > 0 {
		days = stagingDays
	}
	m := &bigquery.TableMetadata{Description: t.Description, Labels: ownLabels(), Schema: schemaOf(t.Columns)}
	if t.PartitionColumn != "" {
		m.TimePartitioning = &bigquery.TimePartitioning{
			Type:       bigquery.DayPartitioningType,
			Field:      t.PartitionColumn,
			Expiration: time.Duration(days) * 24 * time.Hour,
		}
	}
	if len(t.Clustering) > 0 {
		m.Clustering = &bigquery.Clustering{Fields: t.Clustering}
	}
	return m
}

// keepLonger has want keep partitions as long as the table does, if that is longer and
// nobody asked to shorten it, and says so.
func keepLonger(have, want *bigquery.TableMetadata, shorten []string) []Change {
	if have.TimePartitioning == nil || want.TimePartitioning == nil || slices.Contains(shorten, StagingDays) {
		return nil
	}
	is, wanted := have.TimePartitioning.Expiration, want.TimePartitioning.Expiration
	if wanted == 0 || is > 0 && is <= wanted {
		return nil
	}
	left := Change{Setting: "partitions expire", From: cmp.Or(partitionExpiry(have), "never"), To: partitionExpiry(want),
		Left: setTo(StagingDays, int64(wanted.Hours()/24))}
	want.TimePartitioning.Expiration = is
	return []Change{left}
}

// mendAbout has the update set what tables and views have in common: the description, our
// label, and that they stay.
func mendAbout(update *bigquery.TableMetadataToUpdate, have *bigquery.TableMetadata, description string, changes []Change) []Change {
	if have.Description != description {
		update.Description = description
		changes = compare(changes, "description", have.Description, description)
	}
	changes = mendLabel(update, have.Labels, changes)
	if !have.ExpirationTime.IsZero() {
		update.ExpirationTime = bigquery.NeverExpire
		changes = compare(changes, "expires", have.ExpirationTime.UTC().Format(time.RFC3339), "")
	}
	return changes
}

// mendTable gives the update that turns have into want, and what it changes.
func mendTable(have, want *bigquery.TableMetadata) (bigquery.TableMetadataToUpdate, []Change, error) {
	var update bigquery.TableMetadataToUpdate
	if have.Type != "" && have.Type != bigquery.RegularTable {
		return update, nil, &ConflictError{Reason: "it is a " + strings.ToLower(string(have.Type)) + ", not a table"}
	}
	merged, changes, err := mergeSchemas(have.Schema, want.Schema, "")
	if err != nil {
		return update, nil, err
	}
	if len(changes) > 0 {
		update.Schema = merged
	}
	changes = mendAbout(&update, have, want.Description, changes)
	if partitionField(have) != partitionField(want) {
		return update, nil, &ConflictError{Reason: fmt.Sprintf("it is partitioned by %q instead of %q", partitionField(have), partitionField(want))}
	}
	if is, wanted := partitionExpiry(have), partitionExpiry(want); is != wanted {
		update.TimePartitioning = want.TimePartitioning
		changes = compare(changes, "partitions expire", is, wanted)
	}
	if is, wanted := clusteringOf(have), clusteringOf(want); !slices.Equal(is, wanted) {
		update.Clustering = &bigquery.Clustering{Fields: wanted}
		changes = compare(changes, "clustered by", strings.Join(is, ", "), strings.Join(wanted, ", "))
	}
	return update, changes, nil
}

func partitionExpiry(m *bigquery.TableMetadata) string {
	if m.TimePartitioning == nil || m.TimePartitioning.Expiration == 0 {
		return ""
	}
	return fmt.Sprintf("after %g days", m.TimePartitioning.Expiration.Hours()/24)
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
