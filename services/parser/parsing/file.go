package parsing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing/split"
)

// outlet takes the records of one reading, in order, from one goroutine. It must
// not keep what it is given beyond the call.
type outlet interface {
	accept(ctx context.Context, a *decode.Accepted) error
	reject(ctx context.Context, r *pipelinev1.RejectedRecord) error
}

// reading is one reading of one file.
type reading struct {
	policy  Policy
	file    *pipelinev1.LandedFile
	parseID string
	// generation is that of the object which is read.
	generation int64
	started    time.Time // given to refused records as rejected_at
	out        outlet
	records    int64
	rejected   map[rules.ID]int64
	touched    touched
}

func newReading(file *pipelinev1.LandedFile, policy Policy, started time.Time) *reading {
	return &reading{
		policy:   policy,
		file:     file,
		parseID:  identity.ParseID(file.GetFileId(), rules.Version, append(policy.words(), topology.RevisionWords(file)...)...),
		started:  started,
		rejected: make(map[rules.ID]int64),
	}
}

// read reads the file's content of size bytes (-1: unknown) to its end. A fault
// of the file is a manifest with the verdict quarantined; an error is one of the
// source or of the outlet, and the reading has to be done again.
func (r *reading) read(ctx context.Context, content io.Reader, size int64) (*pipelinev1.FileManifest, error) {
	err := r.readRecords(ctx, content, size)
	var fault *split.FileError
	if err != nil && !errors.As(err, &fault) {
		return nil, err
	}
	return r.manifest(fault), nil
}

func (r *reading) readRecords(ctx context.Context, content io.Reader, size int64) error {
	unpacked, err := split.Unpack(content, size, r.policy.limits())
	if err != nil {
		return err
	}
	records, decoder, err := r.open(unpacked)
	if err != nil {
		return err
	}
	for {
		record, err := records.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if r.records == r.policy.MaxRecords {
			return &split.FileError{Rule: rules.TooManyRecords,
				Detail: fmt.Sprintf("the file holds more than %d records", r.policy.MaxRecords)}
		}
		if err := r.pass(ctx, &record, decoder); err != nil {
			return fmt.Errorf("publish record %d: %w", r.records, err)
		}
		r.records++
	}
}

// open gives the file's splitter and the decoder of its records.
func (r *reading) open(content io.Reader) (split.Splitter, decode.Decoder, error) {
	common := decode.Reading{
		FileID:   r.file.GetFileId(),
		ParseID:  r.parseID,
		LandedAt: r.file.GetLandedAt().AsTime(),
		Currency: r.policy.Currency,
	}
	if r.file.GetKind() == pipelinev1.FileKind_FILE_KIND_ORDERS {
		records, err := split.Orders(content)
		return records, decode.NewOrders(common), err
	}
	rows, err := split.Rows(content)
	if err != nil {
		return nil, nil, err
	}
	header, err := rows.Next()
	switch {
	case err == io.EOF:
		return nil, nil, emptyFile()
	case err != nil:
		return nil, nil, err
	case header.Rule != "":
		return nil, nil, &split.FileError{Rule: rules.HeaderMismatch, Detail: "the header is no CSV row: " + header.Detail}
	}
	var decoder decode.Decoder
	if r.file.GetKind() == pipelinev1.FileKind_FILE_KIND_PRODUCTS {
		decoder, err = decode.NewProducts(common, header.Data)
	} else {
		decoder, err = decode.NewCustomers(common, header.Data)
	}
	if err != nil {
		return nil, nil, &split.FileError{Rule: rules.HeaderMismatch, Detail: err.Error()}
	}
	return rows, decoder, nil
}

// pass decodes a record and gives it to the outlet.
func (r *reading) pass(ctx context.Context, record *split.Record, decoder decode.Decoder) error {
	if record.Rule != "" {
		return r.reject(ctx, record, &decode.Fault{Rule: record.Rule, Message: record.Detail})
	}
	accepted, fault := decoder.Decode(record.Data)
	if fault != nil {
		return r.reject(ctx, record, fault)
	}
	accepted.Source.RecordIndex = r.records
	accepted.Source.ByteOffset, accepted.Source.ByteLength = record.Offset, record.Length
	if accepted.OrderID != "" {
		r.touched.add(accepted.Micros)
	}
	return r.out.accept(ctx, accepted)
}

func (r *reading) reject(ctx context.Context, record *split.Record, fault *decode.Fault) error {
	r.rejected[fault.Rule]++
	return r.out.reject(ctx, &pipelinev1.RejectedRecord{
		Source: &pipelinev1.RecordSource{
			FileId:      r.file.GetFileId(),
			ParseId:     r.parseID,
			RecordIndex: r.records,
			LandedAt:    r.file.GetLandedAt(),
		},
		Kind:          r.file.GetKind(),
		LandingName:   r.file.GetLandingName(),
		ByteOffset:    record.Offset,
		ByteLength:    record.Length,
		Payload:       record.Data,
		Sha256:        record.SHA256(),
		Rule:          string(fault.Rule),
		FieldPath:     fault.Path,
		Message:       fault.Message,
		ParserVersion: rules.Version,
		RejectedAt:    timestamppb.New(r.started),
	})
}
