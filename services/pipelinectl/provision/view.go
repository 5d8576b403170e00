package provision

import (
	"context"
	"net/http"
	"strings"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

func (p *provisioner) view(ctx context.Context, v schema.Table) (Outcome, []Change, error) {
	// Stored views do not remember the default dataset of whoever made them.
	query, err := schema.QualifyTables(v.ViewQuery, p.cfg.ProjectID+"."+p.cfg.Dataset)
	if err != nil {
		return "", nil, err
	}
	handle := p.bigquery.Dataset(p.cfg.Dataset).Table(v.Name)
	have, err := handle.Metadata(ctx)
	if isStatus(err, http.StatusNotFound) {
		changes := compare(nil, "description", "", v.Description)
		if p.opts.DryRun {
			return Created, changes, nil
		}
		if err := handle.Create(ctx, &bigquery.TableMetadata{Description: v.Description, Labels: ownLabels(), ViewQuery: query}); err != nil {
			return Created, changes, err
		}
		return Created, changes, describeView(ctx, handle, v)
	}
	if err != nil {
		return "", nil, err
	}
	if have.Type != bigquery.ViewTable {
		return "", nil, &ConflictError{Reason: "it is a table, not a view"}
	}
	var update bigquery.TableMetadataToUpdate
	var changes []Change
	if have.ViewQuery != query {
		update.ViewQuery, update.UseLegacySQL = query, false
		changes = append(changes, lineChanges("query", have.ViewQuery, query)...)
	}
	_, differ := describeColumns(have.Schema, v.ViewColumns)
	changes = append(changes, differ...)
	changes = mendAbout(&update, have, v.Description, changes)
	if len(changes) == 0 {
		return Unchanged, nil, nil
	}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	if len(changes) > len(differ) {
		if _, err := handle.Update(ctx, update, have.ETag); err != nil {
			return Updated, changes, err
		}
	}
	return Updated, changes, describeView(ctx, handle, v)
}

// describeView describes the columns that BigQuery has found in a view's query: a view takes none when it is made.
func describeView(ctx context.Context, handle *bigquery.Table, v schema.Table) error {
	if len(v.ViewColumns) == 0 {
		return nil
	}
	have, err := handle.Metadata(ctx)
	if err != nil {
		return err
	}
	described, changes := describeColumns(have.Schema, v.ViewColumns)
	if len(changes) == 0 {
		return nil
	}
	_, err = handle.Update(ctx, bigquery.TableMetadataToUpdate{Schema: described}, have.ETag)
	return err
}

// describeColumns gives a view's columns their descriptions. A column that only one of the two knows comes or goes with the query.
func describeColumns(have bigquery.Schema, want []schema.Column) (bigquery.Schema, []Change) {
	var changes []Change
	described := make(bigquery.Schema, len(have))
	for i, field := range have {
		copied := *field
		described[i] = &copied
		for _, column := range want {
			if strings.EqualFold(column.Name, field.Name) && column.Description != field.Description {
				changes = compare(changes, "description of "+column.Name, field.Description, column.Description)
				copied.Description = column.Description
			}
		}
	}
	return described, changes
}

// lineChanges shows two texts without the lines that they begin and end with.
func lineChanges(setting, from, to string) []Change {
	have, want := strings.Split(from, "\n"), strings.Split(to, "\n")
	for len(have) > 0 && len(want) > 0 && have[0] == want[0] {
		have, want = have[1:], want[1:]
	}
	for len(have) > 0 && len(want) > 0 && have[len(have)-1] == want[len(want)-1] {
		have, want = have[:len(have)-1], want[:len(want)-1]
	}
	var changes []Change
	for _, line := range have {
		changes = append(changes, Change{Setting: setting, From: line})
	}
	for _, line := range want {
		changes = append(changes, Change{Setting: setting, To: line})
	}
	return changes
}
