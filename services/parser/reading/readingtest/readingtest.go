// Package readingtest holds what tests of readings share: a landed file, and an outlet
// that remembers.
package readingtest

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
)

// LandedAt is when a File landed.
var LandedAt = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// File is a file that landed as landing/name.
func File(kind pipelinev1.FileKind, name string) *pipelinev1.LandedFile {
	return &pipelinev1.LandedFile{
		FileId: "file-1", Kind: kind, Bucket: "bucket", LandingName: "landing/" + name, StagingName: "staging/" + name,
		LandedAt: timestamppb.New(LandedAt),
	}
}

// ErrPublish is the error of a Memory that fails.
var ErrPublish = errors.New("publish failed")

// Memory is an outlet that keeps copies. Not for concurrent use.
type Memory struct {
	// Records has the places of all records, accepted or not, in their order.
	Records []*pipelinev1.RecordSource
	// Messages has the accepted ones.
	Messages []proto.Message
	// Rejected has the refused ones.
	Rejected []*pipelinev1.RejectedRecord
	// FailAt is the accepted record that cannot be published, counted from 1 over all
	// records; 0: none.
	FailAt int
}

// Accept implements reading.Outlet.
func (m *Memory) Accept(_ context.Context, a *decode.Accepted) error {
	if len(m.Records)+1 == m.FailAt {
		return ErrPublish
	}
	m.Records = append(m.Records, proto.CloneOf(a.Source))
	m.Messages = append(m.Messages, proto.Clone(a.Message))
	return nil
}

// Reject implements reading.Outlet.
func (m *Memory) Reject(_ context.Context, r *pipelinev1.RejectedRecord) error {
	r = proto.CloneOf(r) // the payload is only lent
	m.Records = append(m.Records, r.GetSource())
	m.Rejected = append(m.Rejected, r)
	return nil
}
