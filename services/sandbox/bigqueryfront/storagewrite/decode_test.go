package storagewrite

import (
	"path/filepath"
	"testing"

	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

// FuzzRow holds that any bytes are decoded or refused, and that what is decoded
// can be committed.
func FuzzRow(f *testing.F) {
	fields := []*bq.TableFieldSchema{
		{Name: "s", Type: "STRING", Mode: "REQUIRED"}, {Name: "n", Type: "NUMERIC"}, {Name: "f", Type: "FLOAT"}, {Name: "t", Type: "TIMESTAMP"},
		{Name: "xs", Type: "INTEGER", Mode: "REPEATED"}, {Name: "j", Type: "JSON"},
		{Name: "r", Type: "RECORD", Mode: "REPEATED", Fields: []*bq.TableFieldSchema{
			{Name: "b", Type: "BYTES"}, {Name: "ss", Type: "STRING", Mode: "REPEATED"}, {Name: "d", Type: "DATE"}}},
	}
	field := func(name string, number int32, kind descriptorpb.FieldDescriptorProto_Type, repeated bool, typeName string) *descriptorpb.FieldDescriptorProto {
		label := descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL
		if repeated {
			label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED
		}
		return &descriptorpb.FieldDescriptorProto{Name: &name, Number: &number, Type: &kind, Label: &label, TypeName: &typeName}
	}
	name := "R"
	d := &descriptorpb.DescriptorProto{
		Field: []*descriptorpb.FieldDescriptorProto{field("s", 1, tString, false, ""), field("n", 2, tString, false, ""), field("f", 3, tDouble, false, ""),
			field("t", 4, tInt64, false, ""), field("xs", 5, tInt64, true, ""), field("j", 6, tString, false, ""), field("r", 100, tMessage, true, "R")},
		NestedType: []*descriptorpb.DescriptorProto{{Name: &name, Field: []*descriptorpb.FieldDescriptorProto{
			field("b", 1, tBytes, false, ""), field("ss", 2, tString, true, ""), field("d", 3, tInt32, false, "")}}},
	}
	plan, err := compile(d, d, cell.Columns(fields), "", 0)
	if err != nil {
		f.Fatal(err)
	}
	db, err := engine.Open(engine.Options{Path: filepath.Join(f.TempDir(), "fuzz.duckdb"), Threads: 1, MemoryLimit: "1GB", CheckpointThreshold: "16MB", MaxConns: 1})
	if err != nil {
		f.Fatal(err)
	}
	conn, err := db.Connect()
	if err != nil {
		f.Fatal(err)
	}
	for _, statement := range []string{"CREATE SCHEMA d", "CREATE TABLE d.t " + dialect.ColumnsSQL(fields)} {
		if _, err := conn.Exec(f.Context(), statement); err != nil {
			f.Fatal(err)
		}
	}
	conn.Release()
	appender, err := db.NewAppender("d", "t")
	if err != nil {
		f.Fatal(err)
	}
	shape, err := db.TableShape("d", "t")
	if err != nil {
		f.Fatal(err)
	}
	batch := shape.NewBatch()
	f.Cleanup(func() {
		batch.Free()
		shape.Free()
		appender.Close()
		if err := db.Close(); err != nil {
			f.Error(err)
		}
	})
	f.Add([]byte("\x0a\x03abc\x12\x031.5\x20\x05\x2a\x02\x01\x02\x32\x02{}\xa2\x06\x05\x0a\x01x\x18\x07"))
	f.Add([]byte("\x0a\x01a\xa2\x06\x12\x12\x10sixteen bytes ok"))
	dec := &decoder{plan: plan}
	f.Fuzz(func(t *testing.T, row []byte) {
		defer batch.Reset()
		if err := dec.row(row, batch); err != nil {
			return
		}
		if err := appender.Commit(t.Context(), []*engine.Batch{batch}); err != nil {
			t.Fatal(err)
		}
	})
}
