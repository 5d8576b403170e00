package jobs

import (
	"context"
	"errors"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// define carries out a statement that the catalogue answers for.
func (s *Store) define(ctx context.Context, st dialect.Statement) error {
	err := s.defineStrictly(ctx, st)
	f, ok := errors.AsType[*fault.Fault](err)
	if ok && (st.IfNotExists && f.Reason == "duplicate" || st.IfExists && f.Reason == "notFound") {
		return nil
	}
	return err
}

func (s *Store) defineStrictly(ctx context.Context, st dialect.Statement) error {
	switch st.Kind {
	case dialect.CreateTable, dialect.CreateTableSelect, dialect.CreateView:
		t := *st.Table
		t.TableReference = &bq.TableReference{DatasetId: st.Target.Dataset, TableId: st.Target.Table}
		sql := st.SQL
		if st.Kind == dialect.CreateView {
			sql = ""
		}
		_, err := s.cat.CreateTable(ctx, &t, sql, st.OrReplace)
		return err
	case dialect.CreateSchema:
		_, err := s.cat.CreateDataset(ctx, &bq.Dataset{DatasetReference: &bq.DatasetReference{DatasetId: st.Target.Dataset}})
		return err
	case dialect.DropSchema:
		return s.cat.DeleteDataset(ctx, st.Target.Dataset, st.OrReplace)
	case dialect.DropTable, dialect.DropView:
		t, err := s.cat.Table(st.Target)
		if err != nil {
			return err
		}
		if (t.Type == "VIEW") != (st.Kind == dialect.DropView) {
			return fault.Invalid("Cannot drop %s.%s: it is a %s", st.Target.Dataset, st.Target.Table, t.Type)
		}
		return s.cat.DeleteTable(ctx, st.Target)
	case dialect.AlterTable:
		_, err := s.cat.UpdateTable(ctx, st.Target, "", func(t *bq.Table) error { return alter(t, st) })
		return err
	}
	return fault.Query("Unsupported here: %s", st.Kind)
}

func alter(t *bq.Table, st dialect.Statement) error {
	if t.Type != "TABLE" {
		return fault.Invalid("Cannot alter %s.%s: it is a view", st.Target.Dataset, st.Target.Table)
	}
	if st.Table.Schema == nil {
		if len(st.Table.ForceSendFields) > 0 {
			t.Description = st.Table.Description
		}
		if st.Table.FriendlyName != "" {
			t.FriendlyName = st.Table.FriendlyName
		}
		if st.Table.TimePartitioning != nil {
			t.TimePartitioning = st.Table.TimePartitioning
		}
		return nil
	}
	for _, f := range st.Table.Schema.Fields {
		exists := false
		for _, old := range t.Schema.Fields {
			exists = exists || strings.EqualFold(old.Name, f.Name)
		}
		if !exists {
			t.Schema.Fields = append(t.Schema.Fields, f)
		} else if !st.IfNotExists {
			return fault.Duplicate("Column %s", f.Name)
		}
	}
	return nil
}
