package staging

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// refusals publishes the records whose rows BigQuery refused as rejected
// records, so that they are counted and kept like any other refusal.
type refusals struct {
	rejected  *messaging.Publisher
	originals originals
}

// eachAside sets rows aside one by one.
func eachAside(one func(context.Context, refusedRow) error) setAside {
	return func(ctx context.Context, refused []refusedRow) []error {
		errs := make([]error, len(refused))
		for i, row := range refused {
			errs[i] = one(ctx, row)
		}
		return errs
	}
}

// refused is a refused row's record on its way to the rejected records.
type refused struct {
	refusedRow
	record *pipelinev1.RejectedRecord
	err    *error // of the row
}

// setAside implements the type of that name. A rejected record whose own row is
// refused has nowhere else to go than the dead letters; see New.
func (r refusals) setAside(ctx context.Context, rows []refusedRow) []error {
	errs := make([]error, len(rows))
	var records []refused
	for i, row := range rows {
		record, err := newRejected(row)
		if errs[i] = err; err == nil {
			records = append(records, refused{row, record, &errs[i]})
		}
	}
	// In the order of their files' bytes, so that each file is read once for all of them.
	slices.SortStableFunc(records, func(a, b refused) int {
		return cmp.Or(cmp.Compare(a.record.GetSource().GetFileId(), b.record.GetSource().GetFileId()), cmp.Compare(a.record.GetByteOffset(), b.record.GetByteOffset()))
	})
	for len(records) > 0 {
		id := records[0].record.GetSource().GetFileId()
		n := slices.IndexFunc(records, func(other refused) bool { return other.record.GetSource().GetFileId() != id })
		if n < 0 {
			n = len(records)
		}
		r.ofFile(ctx, records[:n])
		records = records[n:]
	}
	return errs
}

// ofFile publishes the refused records of one file.
func (r refusals) ofFile(ctx context.Context, records []refused) {
	first := records[0].record
	file, openErr := r.originals.open(ctx, first.GetKind(), first.GetSource())
	if openErr == nil {
		defer file.object.Close()
	}
	var err error // of the record before, too
	for i, one := range records {
		isTwin := i > 0 && one.record.GetByteOffset() == records[i-1].record.GetByteOffset() // its message came twice
		switch {
		case openErr != nil:
			err = openErr
		case !isTwin:
			one.record.LandingName = file.landingName
			one.record.Payload, one.record.Sha256, err = file.Next(one.record.GetByteOffset(), one.record.GetByteLength())
		case err == nil:
			one.record = records[i-1].record
		}
		switch {
		case errors.Is(err, errGone), errors.Is(err, stored.ErrNoRecord):
			keepMessage(one)
		case err != nil:
			*one.err = err
			continue
		}
		*one.err = r.rejected.PublishSync(ctx, one.record, map[string]string{
			topology.AttrFileID:      one.record.GetSource().GetFileId(),
			topology.AttrParseID:     one.record.GetSource().GetParseId(),
			topology.AttrRecordIndex: strconv.FormatInt(one.record.GetSource().GetRecordIndex(), 10),
			topology.AttrTraceparent: one.message.Attributes[topology.AttrTraceparent],
		})
	}
}

// newRejected is the record of a refused row, without its bytes.
func newRejected(row refusedRow) (*pipelinev1.RejectedRecord, error) {
	source, kind, err := sourceOf(row.message)
	if err != nil {
		return nil, err
	}
	source.ContentHash, source.Warnings, source.UnknownFields = "", nil, ""
	return &pipelinev1.RejectedRecord{
		Source:        source,
		Kind:          kind,
		ByteOffset:    source.GetByteOffset(),
		ByteLength:    source.GetByteLength(),
		Rule:          string(rules.AppendRefused),
		Message:       valid(fmt.Sprintf("BigQuery refused the row: %s: %s", row.refusal.GetCode(), row.refusal.GetMessage())),
		ParserVersion: rules.Version,
		RejectedAt:    timestamppb.New(row.message.PublishTime),
	}, nil
}

// keepMessage keeps the published message of a record whose own bytes are nowhere to be had
// any more.
func keepMessage(r refused) {
	data := r.message.Data
	sum := sha256.Sum256(data)
	r.record.Payload, r.record.Sha256, r.record.ByteLength = data[:min(len(data), stored.MaxExcerpt)], hex.EncodeToString(sum[:]), int64(len(data))
	r.record.Message += " (the file is gone; the payload is the published message)"
}

// sourceOf reads where a record came from.
func sourceOf(m *pubsub.Message) (*pipelinev1.RecordSource, pipelinev1.FileKind, error) {
	var (
		order    ordersv1.Order
		product  catalogv1.Product
		customer catalogv1.Customer
	)
	switch schema := m.Attributes[topology.AttrSchema]; schema {
	case "ecommerce.catalog.v1.Product":
		err := proto.Unmarshal(m.Data, &product)
		return product.GetSource(), pipelinev1.FileKind_FILE_KIND_PRODUCTS, err
	case "ecommerce.catalog.v1.Customer":
		err := proto.Unmarshal(m.Data, &customer)
		return customer.GetSource(), pipelinev1.FileKind_FILE_KIND_CUSTOMERS, err
	default:
		err := proto.Unmarshal(m.Data, &order)
		return order.GetSource(), pipelinev1.FileKind_FILE_KIND_ORDERS, err
	}
}
