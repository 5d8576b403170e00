package provision

import (
	"errors"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

func TestMergeSchemas(t *testing.T) {
	t.Parallel()
	id := func(description string) *bigquery.FieldSchema {
		return &bigquery.FieldSchema{Name: "id", Type: bigquery.StringFieldType, Required: true, Description: description}
	}
	column := func(name string) *bigquery.FieldSchema {
		return &bigquery.FieldSchema{Name: name, Type: bigquery.StringFieldType}
	}
	record := func(fields ...*bigquery.FieldSchema) *bigquery.FieldSchema {
		return &bigquery.FieldSchema{Name: "items", Type: bigquery.RecordFieldType, Repeated: true, Schema: fields}
	}
	tests := []struct {
		name             string
		have, want, into bigquery.Schema
		changed          []Change
		conflict         string
	}{
		{
			name: "the same stays",
			have: bigquery.Schema{id("a")}, want: bigquery.Schema{id("a")}, into: bigquery.Schema{id("a")},
		},
		{
			name: "a required column is added as nullable",
			have: bigquery.Schema{column("a")}, want: bigquery.Schema{id("new"), column("a")},
			into:    bigquery.Schema{column("a"), {Name: "id", Type: bigquery.StringFieldType, Description: "new"}},
			changed: []Change{{Setting: "column id", To: "STRING"}},
		},
		{
			name: "a column that only the table has stays",
			have: bigquery.Schema{column("a"), column("by_hand")}, want: bigquery.Schema{column("a")},
			into: bigquery.Schema{column("a"), column("by_hand")},
		},
		{
			name: "descriptions follow",
			have: bigquery.Schema{id("old")}, want: bigquery.Schema{id("new")}, into: bigquery.Schema{id("new")},
			changed: []Change{{Setting: "description of id", From: "old", To: "new"}},
		},
		{
			name: "a field is added to a nested record",
			have: bigquery.Schema{record(column("a"))}, want: bigquery.Schema{record(column("a"), column("b"))},
			into:    bigquery.Schema{record(column("a"), column("b"))},
			changed: []Change{{Setting: "column items.b", To: "STRING"}},
		},
		{
			name: "another type is a conflict",
			have: bigquery.Schema{{Name: "id", Type: bigquery.IntegerFieldType}}, want: bigquery.Schema{id("a")},
			conflict: "column id is INTEGER instead of STRING",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, changed, err := mergeSchemas(tt.have, tt.want, "")
			if tt.conflict != "" {
				conflict, ok := errors.AsType[*ConflictError](err)
				if !ok || conflict.Reason != tt.conflict {
					t.Fatalf("error %v, want conflict %q", err, tt.conflict)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.into, got); diff != "" {
				t.Errorf("schema (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.changed, changed); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

// Every table of the schema, described to BigQuery and read back, needs no change.
func TestMendTableIsSettled(t *testing.T) {
	t.Parallel()
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		_, changed, err := mendTable(describeTable(table, 90), describeTable(table, 90))
		if err != nil || len(changed) > 0 {
			t.Errorf("%s: changed %q, error %v", table.Name, changed, err)
		}
	}
}

func TestMendTable(t *testing.T) {
	t.Parallel()
	table := schema.Table{
		Name: "t", Description: "d", PartitionColumn: "day", PartitionExpirationDays: 90, Clustering: []string{"a"},
		Columns: []schema.Column{{Name: "day", Type: "DATE"}, {Name: "a", Type: "STRING"}},
	}
	have := describeTable(table, 90)
	have.TimePartitioning.Expiration = 24 * time.Hour
	have.Clustering, have.Description = nil, ""
	update, changed, err := mendTable(have, describeTable(table, 90))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Change{
		{Setting: "description", To: "d"}, {Setting: "partitions expire", From: "after 1 days", To: "after 90 days"},
		{Setting: "clustered by", To: "a"},
	}, changed); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if update.TimePartitioning.Expiration != 90*24*time.Hour || update.Schema != nil {
		t.Errorf("update %+v: want the expiration, and no schema", update)
	}
	have.TimePartitioning = nil
	if _, _, err := mendTable(have, describeTable(table, 90)); err == nil {
		t.Error("another partitioning was taken for a change that can be made")
	}
}

// Rows that somebody has told staging to keep longer stay, unless they are asked to go.
func TestKeepLonger(t *testing.T) {
	t.Parallel()
	table := schema.Table{Name: "t", PartitionColumn: "day", PartitionExpirationDays: 30, Columns: []schema.Column{{Name: "day", Type: "DATE"}}}
	for name, tt := range map[string]struct {
		have, want int
		shorten    []string
		into       int
		left       []Change
	}{
		"the same":      {have: 90, want: 90, into: 90},
		"shorter":       {have: 1, want: 90, into: 90},
		"longer":        {have: 400, want: 90, into: 400, left: []Change{{Setting: "partitions expire", From: "after 400 days", To: "after 90 days", Left: "STAGING_DAYS=90"}}},
		"for good":      {have: 0, want: 90, into: 0, left: []Change{{Setting: "partitions expire", From: "never", To: "after 90 days", Left: "STAGING_DAYS=90"}}},
		"asked for":     {have: 0, want: 90, shorten: []string{StagingDays}, into: 90},
		"to be kept":    {have: 90, want: 0, into: 0},
		"of other kind": {have: 400, want: 90, shorten: []string{QuarantineDeleteDays}, into: 400, left: []Change{{Setting: "partitions expire", From: "after 400 days", To: "after 90 days", Left: "STAGING_DAYS=90"}}},
	} {
		have, want := describeTable(table, tt.have), describeTable(table, tt.want)
		left := keepLonger(have, want, tt.shorten)
		if diff := cmp.Diff(tt.left, left); diff != "" {
			t.Errorf("%s: left alone (-want +got):\n%s", name, diff)
		}
		update, changes, err := mendTable(have, want)
		into := have.TimePartitioning.Expiration
		if update.TimePartitioning != nil {
			into = update.TimePartitioning.Expiration
		}
		if err != nil || into != time.Duration(tt.into)*24*time.Hour || (len(changes) > 0) != (tt.have != tt.into) {
			t.Errorf("%s: rows are kept for %s after %v, error %v; want %d days", name, into, changes, err, tt.into)
		}
	}
}

// What the schema says and what a deployment that sets nothing gets are the same.
func TestStagingDaysAreTheSchemas(t *testing.T) {
	t.Parallel()
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if days := table.PartitionExpirationDays; days > 0 && days != DefaultLifecycle().StagingDays {
			t.Errorf("%s expires after %d days, STAGING_DAYS is %d", table.Name, days, DefaultLifecycle().StagingDays)
		}
	}
}

func TestNumberOf(t *testing.T) {
	t.Parallel()
	if got, err := numberOf("service-123@gs-project-accounts.iam.gserviceaccount.com"); err != nil || got != "123" {
		t.Errorf("got %q, %v; want 123", got, err)
	}
	for _, bad := range []string{"", "service-@gs-project-accounts.iam.gserviceaccount.com", "a@gs-project-accounts.iam.gserviceaccount.com", "service-1@elsewhere"} {
		if got, err := numberOf(bad); err == nil {
			t.Errorf("numberOf(%q) = %q, want an error", bad, got)
		}
	}
}
