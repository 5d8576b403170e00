package storagewrite

import (
	"math/big"
	"path/filepath"
	"testing"

	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/protobuf/types/descriptorpb"

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
	plan, err := compile(d, d, columnsOf(fields), "", 0)
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

func billionths(upper int64, lower uint64) string {
	n := new(big.Int).Lsh(big.NewInt(upper), 64)
	return n.Add(n, new(big.Int).SetUint64(lower)).String()
}

func TestParseNumeric(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"0", "0"}, {"-0.0", "0"}, {"1", "1000000000"}, {"-1.5", "-1500000000"}, {".5", "500000000"}, {"5.", "5000000000"},
		{"0.000000001", "1"}, {"-0.000000001", "-1"}, {"0.0000000010", "1"}, {"1e3", "1000000000000"}, {"+12E-1", "1200000000"},
		{"120e-10", "12"}, {"000000000000000000000000000000000000000000001", "1000000000"},
		{"99999999999999999999999999999.999999999", "99999999999999999999999999999999999999"},
		{"-99999999999999999999999999999.999999999", "-99999999999999999999999999999999999999"},
		{"0.0000000001", ""}, {"123e-10", ""}, {"100000000000000000000000000000", ""}, {"1e29", ""}, {"1e999", ""}, {"0e999", "0"},
		{"", ""}, {"-", ""}, {".", ""}, {"1.2.3", ""}, {"1e", ""}, {"1e+", ""}, {"1e1000", ""}, {"x", ""}, {"1 ", ""}, {"NaN", ""}, {"0x1", ""},
	} {
		upper, lower, ok := parseNumeric([]byte(c.in))
		got := ""
		if ok {
			got = billionths(upper, lower)
		}
		if got != c.want {
			t.Errorf("parseNumeric(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestBinaryNumeric(t *testing.T) {
	t.Parallel()
	full := func(v byte) []byte {
		b := make([]byte, 16)
		for i := range b {
			b[i] = v
		}
		return b
	}
	for _, c := range []struct {
		in   []byte
		want string
	}{
		{[]byte{0}, "0"}, {[]byte{0xff}, "-1"}, {[]byte{0x00, 0xca, 0x9a, 0x3b}, "1000000000"}, {full(0xff), "-1"},
		{full(0x7f), ""}, {nil, ""}, {make([]byte, 17), ""},
	} {
		upper, lower, ok := binaryNumeric(c.in)
		got := ""
		if ok {
			got = billionths(upper, lower)
		}
		if got != c.want {
			t.Errorf("binaryNumeric(%x) = %q, want %q", c.in, got, c.want)
		}
	}
}
