package reading

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
)

// judgeAfter is the number of refused records from which on nothing more of a file is
// published before its verdict is known: a gzip file of 60 KB can hold 31 million
// records of one byte, and whoever keeps each of them with a row and a finding is kept
// busy by a file that nobody wants. From there on the records are only judged, until the
// verdict is certain. If the file is to be loaded after all, a second pass publishes
// what was left out; if not, one refused record stands for the rest, and the file in
// quarantine/ keeps the bytes. Part of what a reading publishes, so that rules.Version
// must rise with a change.
const judgeAfter = 10_000

// rest is the part of a file that is published only when its verdict is known.
type rest struct {
	records  int64 // before it
	offset   int64 // of its first record in the decompressed file
	rejected map[rules.ID]int64
}

// isWithheld tells whether a record, the next to be counted, belongs to the rest.
func (r *Reading) isWithheld(record *split.Record) bool {
	if r.rest == nil && r.refused >= judgeAfter && r.from == 0 && !r.File.GetOverrides().GetAcceptRefused() {
		before := make(map[rules.ID]int64, len(r.rejected))
		for rule, n := range r.rejected {
			before[rule] = n
		}
		r.rest = &rest{records: r.records, offset: record.Offset, rejected: before}
	}
	return r.rest != nil
}

// isMostlyRefused judges what has been read: the share of the refused records, and of
// their bytes, since many records may be refused in one piece. The bytes count as whole
// records of the size that the good ones have, so that of two records of about one size
// neither outweighs the other.
func (r *Reading) isMostlyRefused() bool {
	if r.File.GetOverrides().GetAcceptRefused() {
		return false
	}
	share, refused, good := r.policy.RejectFileShare, float64(r.refused), float64(r.records-r.refused)
	if good > 0 {
		refused = max(refused, math.Floor(float64(r.refusedBytes)*good/float64(r.bytes-r.refusedBytes)))
	}
	return refused > share*(refused+good)
}

// isSettled tells whether the file will be mostly refused whatever is still to be read.
func (r *Reading) isSettled() bool {
	return r.mostBytes >= 0 && float64(r.refusedBytes) > r.policy.RejectFileShare*float64(r.mostBytes)
}

func (r *Reading) mostlyRefused() *split.FileError {
	detail := fmt.Sprintf("%d of %d records (%d of %d bytes) were refused, more than the share of %v; most by %s",
		r.refused, r.records, r.refusedBytes, r.bytes, r.policy.RejectFileShare, mostOf(r.rejected))
	detail += r.hint
	return &split.FileError{Rule: rules.MostlyRefused, Detail: detail}
}

// finish publishes the rest of a file after its first pass, from the same bytes, and
// gives the manifest of both.
func (r *Reading) finish(ctx context.Context, m *pipelinev1.FileManifest, content io.Reader, size int64) (*pipelinev1.FileManifest, error) {
	if m.GetVerdict() != pipelinev1.Verdict_VERDICT_LOADED {
		return m, r.summarize(ctx, m, content, size)
	}
	again := NewBy(r.File, r.policy, r.mapping, r.started)
	again.out, again.hint, again.from = r.out, r.hint, r.rest.records
	m, err := again.read(ctx, content, size)
	*r = *again
	return m, err
}

// summarize publishes one refused record in the place of the rest and has the manifest
// count it as one.
func (r *Reading) summarize(ctx context.Context, m *pipelinev1.FileManifest, content io.Reader, size int64) error {
	unpacked, _, err := stored.Unpack(content, size, r.policy.limits())
	if err != nil {
		return err
	}
	var fault *split.FileError
	if _, err := io.CopyN(io.Discard, unpacked, r.rest.offset); err != nil {
		return fmt.Errorf("find byte %d again: %w", r.rest.offset, err)
	}
	hash := sha256.New()
	tee := io.TeeReader(unpacked, hash)
	payload, err := io.ReadAll(io.LimitReader(tee, split.MaxRecord))
	length := int64(len(payload))
	if err == nil {
		var n int64
		n, err = io.Copy(io.Discard, tee)
		length += n
	}
	if err != nil && !errors.As(err, &fault) {
		return err
	}
	detail := fmt.Sprintf("the file was settled as %s: from here on it counts as one record, %s in all; %d of %s looked at were refused",
		m.GetReason(), plural.Of(length, "byte"), r.refused, plural.Of(r.records, "record"))
	m.ReasonDetail += fmt.Sprintf("; from record %d on they are kept in the file only", r.rest.records)
	r.records, r.rejected = r.rest.records, r.rest.rejected
	record := &split.Record{Data: payload, Offset: r.rest.offset, Length: length, Sum: hex.EncodeToString(hash.Sum(nil))}
	if err := r.out.Reject(ctx, r.refusal(record, &decode.Fault{Rule: rules.RestRefused, Message: detail})); err != nil {
		return &OutletError{fmt.Errorf("publish the rest from record %d on: %w", r.records, err)}
	}
	r.rejected[rules.RestRefused]++
	r.records++
	r.refused = 0
	for _, n := range r.rejected {
		r.refused += n
	}
	m.Records, m.Rejected, m.Accepted = r.records, r.refused, r.records-r.refused
	return nil
}

// refusal is the message that keeps a refused record, the next to be counted.
func (r *Reading) refusal(record *split.Record, fault *decode.Fault) *pipelinev1.RejectedRecord {
	refusal := &pipelinev1.RejectedRecord{
		Source: &pipelinev1.RecordSource{
			FileId:      r.File.GetFileId(),
			ParseId:     r.ParseID,
			RecordIndex: r.records,
			LandedAt:    r.File.GetLandedAt(),
		},
		Kind:          r.File.GetKind(),
		LandingName:   r.File.GetLandingName(),
		ByteOffset:    record.Offset,
		ByteLength:    record.Length,
		Payload:       record.Data,
		Sha256:        record.SHA256(),
		Rule:          string(fault.Rule),
		FieldPath:     fault.Path,
		Message:       fault.Text(),
		FirstMessage:  fault.Message,
		FurtherCount:  int64(fault.More + len(fault.Others)),
		ParserVersion: rules.Version,
		RejectedAt:    timestamppb.New(r.started),
	}
	for _, other := range fault.Others {
		refusal.FurtherFaults = append(refusal.FurtherFaults,
			&pipelinev1.RecordFault{Rule: string(other.Rule), FieldPath: other.Path, Message: other.Message})
	}
	return refusal
}
