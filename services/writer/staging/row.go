package staging

import (
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/zackkki/ecomm_datapipeline/pkg/money"
)

// row encodes one row of ecommerce.warehouse.v1 by field number. Rows are encoded
// by hand because BigQuery takes a field that is absent for NULL, and generated
// proto3 code leaves out zeros: record 0 of a file would have no record_index.
// It also spares the row's second life as Go objects.
type row struct{ wire []byte }

// text adds a STRING, NUMERIC or JSON, also when it is empty.
func (r *row) text(field protowire.Number, s string) {
	r.wire = protowire.AppendTag(r.wire, field, protowire.BytesType)
	r.wire = protowire.AppendString(r.wire, s)
}

// nullableText adds a text, or NULL for the empty one.
func (r *row) nullableText(field protowire.Number, s string) {
	if s != "" {
		r.text(field, s)
	}
}

// texts adds an ARRAY<STRING>.
func (r *row) texts(field protowire.Number, list []string) {
	for _, s := range list {
		r.text(field, s)
	}
}

// bytes adds BYTES or a nested message.
func (r *row) bytes(field protowire.Number, b []byte) {
	r.wire = protowire.AppendTag(r.wire, field, protowire.BytesType)
	r.wire = protowire.AppendBytes(r.wire, b)
}

// amount adds a NUMERIC.
func (r *row) amount(field protowire.Number, m *moneypb.Money) {
	var digits [40]byte
	r.bytes(field, money.AppendNumeric(digits[:0], m))
}

// nullableAmount adds a NUMERIC, or NULL for none. Nothing is not zero.
func (r *row) nullableAmount(field protowire.Number, m *moneypb.Money) {
	if m != nil {
		r.amount(field, m)
	}
}

// boolean adds a BOOL.
func (r *row) boolean(field protowire.Number, v bool) {
	r.wire = protowire.AppendTag(r.wire, field, protowire.VarintType)
	r.wire = protowire.AppendVarint(r.wire, protowire.EncodeBool(v))
}

// integer adds an INT64, TIMESTAMP (microseconds) or DATE (days since 1970-01-01).
func (r *row) integer(field protowire.Number, v int64) {
	r.wire = protowire.AppendTag(r.wire, field, protowire.VarintType)
	r.wire = protowire.AppendVarint(r.wire, uint64(v))
}
