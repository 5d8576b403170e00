package trace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

// Bytes are where a record stands in its decompressed file, and what stands there.
type Bytes struct {
	Line   int64  `json:"line"` // from 1
	Offset int64  `json:"byte_offset"`
	Length int64  `json:"byte_length"`
	Text   string `json:"text"`
}

// AddBytes reads the versions' files again, by the parser's own code, until their records are
// found. It takes as long as the files are read up to there.
func AddBytes(ctx context.Context, cfg cloud.Config, t *Trace, policy reading.Policy, sources *source.Set) (err error) {
	client, err := cfg.NewStorage(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	for i := range t.Versions {
		v := &t.Versions[i]
		if v.File == nil {
			continue
		}
		object := client.Bucket(cfg.Bucket).Object(v.File.Object).ReadCompressed(true)
		place, err := find(ctx, object, v, policy, sources)
		if err != nil {
			return fmt.Errorf("find record %d in %s: %w", v.RecordIndex, v.File.Object, err)
		}
		if place == nil {
			continue // it is not read as it was, or its bytes are gone
		}
		v.Bytes = &Bytes{Offset: place.GetByteOffset(), Length: place.GetByteLength()}
		if err := v.Bytes.read(ctx, object); err != nil {
			return fmt.Errorf("read record %d of %s: %w", v.RecordIndex, v.File.Object, err)
		}
	}
	return nil
}

// errFound ends a reading at the record that was looked for.
var errFound = errors.New("found")

// seeker is the outlet of a reading that looks for one record.
type seeker struct {
	index int64
	found *pipelinev1.RecordSource
}

// Accept implements reading.Outlet.
func (s *seeker) Accept(_ context.Context, a *decode.Accepted) error {
	if a.Source.GetRecordIndex() != s.index {
		return nil
	}
	s.found = a.Source
	return errFound
}

// Reject implements reading.Outlet.
func (s *seeker) Reject(context.Context, *pipelinev1.RejectedRecord) error { return nil }

func find(ctx context.Context, object *storage.ObjectHandle, v *Version, policy reading.Policy, sources *source.Set) (*pipelinev1.RecordSource, error) {
	kind := topology.KindOf(v.File.LandingName)
	mapping, err := sources.For(kind, v.File.LandingName)
	if err != nil {
		return nil, nil //nolint:nilerr // the source is not known here, so that the record cannot be found
	}
	file := &pipelinev1.LandedFile{FileId: v.FileID, Kind: kind, LandingName: v.File.LandingName, LandedAt: timestamppb.New(v.File.LandedAt), Revision: v.File.Revision}
	s := &seeker{index: v.RecordIndex}
	_, err = reading.NewBy(file, policy, mapping, v.File.LandedAt).Read(ctx, func(ctx context.Context) (io.ReadCloser, int64, error) {
		r, err := object.NewReader(ctx)
		if err != nil {
			return nil, 0, err
		}
		return r, r.Attrs.Size, nil
	}, s)
	if errors.Is(err, errFound) || errors.Is(err, storage.ErrObjectNotExist) {
		err = nil
	}
	return s.found, err
}

// read reads the bytes themselves, and counts the lines before them.
func (b *Bytes) read(ctx context.Context, object *storage.ObjectHandle) error {
	r, err := object.NewReader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	in, _, err := stored.Unpack(r, r.Attrs.Size, stored.Unlimited)
	if err != nil {
		return err
	}
	lines := &lineCounter{}
	if _, err := io.CopyN(lines, in, b.Offset); err != nil {
		return err
	}
	text := make([]byte, b.Length)
	if _, err := io.ReadFull(in, text); err != nil {
		return err
	}
	b.Line, b.Text = lines.n+1, string(text)
	return nil
}

type lineCounter struct{ n int64 }

func (c *lineCounter) Write(p []byte) (int, error) {
	c.n += int64(bytes.Count(p, []byte("\n")))
	return len(p), nil
}
