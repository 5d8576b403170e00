// Package reading reads one landed file from end to end: it splits the file into records,
// decodes each, hands the valid ones and the refused ones to an outlet in their order, and
// sums the file up in a manifest that says what should become of it. It talks to no cloud,
// so that a file on a disk reads as it would in the bucket.
//
// Reading is deterministic: the same file under the same policy gives the same parse_id and
// the same records, whoever reads them and whenever, except rejected_at.
//
// Memory does not grow with a file's size: the splitter holds one window, the decoder one
// record.
package reading

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/shape"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
)

// Outlet takes the records of one reading, in order, from one goroutine. It must
// not keep what it is given beyond the call. An error of it ends the reading.
type Outlet interface {
	Accept(ctx context.Context, a *decode.Accepted) error
	Reject(ctx context.Context, r *pipelinev1.RejectedRecord) error
}

// OutletError is an error of the outlet, not of what is read.
type OutletError struct{ error }

func (e *OutletError) Unwrap() error { return e.error }

// Content opens a file's content, of so many bytes as it is stored (-1: unknown). A reading
// that needs a second pass opens it twice, and must be given the same bytes.
type Content func(context.Context) (content io.ReadCloser, size int64, err error)

// Reading is one reading of one file. Not for concurrent use.
type Reading struct {
	// ParseID identifies the reading by the file and all that decides how it reads.
	ParseID string
	// File is the file that is read.
	File *pipelinev1.LandedFile

	policy   Policy
	mapping  *source.Mapping     // nil: the records are native
	hint     string              // what to say of a file that is mostly refused
	watch    func(*decode.Fault) // told of each refused record
	misled   error               // what is wrong with the folder that the file lies in
	catalog  string              // what the file's source says that it is a catalog of; empty: nothing
	leftOut  func() int64
	started  time.Time // given to refused records as rejected_at
	out      Outlet
	from     int64 // record from which this pass publishes
	records  int64
	rejected map[rules.ID]int64
	refused  int64 // sum of rejected
	// Bytes of the records and of those refused, and how many there can be at most
	// (-1: unknown).
	bytes, refusedBytes, mostBytes int64
	touched                        touched
	versioned                      bool  // an accepted order says when it was updated
	rest                           *rest // records not yet published, because the verdict is not yet known
}

// New begins a reading of the file by one of the sources, or as native records where none
// is meant (sources may be nil); its refused records are told to be refused at started.
func New(file *pipelinev1.LandedFile, policy Policy, sources *source.Set, started time.Time) *Reading {
	r := &Reading{File: file, policy: policy, started: started, rejected: make(map[rules.ID]int64), leftOut: func() int64 { return 0 }}
	r.mapping, r.misled = sources.For(file.GetKind(), file.GetLandingName())
	r.hint = sources.Hint(file.GetKind(), file.GetLandingName())
	r.identify()
	return r
}

// NewBy begins a reading of the file by a mapping (nil: as native records), whatever folder
// it lies in.
func NewBy(file *pipelinev1.LandedFile, policy Policy, mapping *source.Mapping, started time.Time) *Reading {
	r := &Reading{File: file, policy: policy, mapping: mapping, started: started, rejected: make(map[rules.ID]int64), leftOut: func() int64 { return 0 }}
	r.identify()
	return r
}

// identify gives the reading the id of all that decides how the file reads.
func (r *Reading) identify() {
	words := append(r.policy.words(), landedfile.RevisionWords(r.File)...)
	if r.mapping != nil {
		r.catalog = r.mapping.Catalog()
		words = append(words, r.mapping.Words()...)
	}
	r.ParseID = identity.ParseID(r.File.GetFileId(), rules.Version, words...)
}

// LeftOut counts the records that the file's source has left out: they are no records of
// the manifest.
func (r *Reading) LeftOut() int64 { return r.leftOut() }

// Rejected counts the refused records by the rule that refused them.
func (r *Reading) Rejected() map[rules.ID]int64 { return r.rejected }

// Read reads the file from end to end, giving its records to out. A fault of the file is a
// manifest with the verdict quarantined; an error is one of the content or, as an
// *OutletError, of the outlet, and the reading has to be done again by a new Reading. The
// manifest lacks parsed_at.
func (r *Reading) Read(ctx context.Context, open Content, out Outlet) (*pipelinev1.FileManifest, error) {
	r.out = out
	switch r.File.GetKind() {
	case pipelinev1.FileKind_FILE_KIND_ORDERS, pipelinev1.FileKind_FILE_KIND_PRODUCTS, pipelinev1.FileKind_FILE_KIND_CUSTOMERS:
	default:
		return r.manifest(&split.FileError{Rule: rules.UnknownKind, Detail: unknownKind(r.File.GetLandingName())}), nil
	}
	if fault, ok := errors.AsType[*split.FileError](r.misled); ok {
		return r.manifest(fault), nil
	}
	manifest, err := r.pass(ctx, open, r.read)
	if err != nil || r.rest == nil {
		return manifest, err
	}
	return r.pass(ctx, open, func(ctx context.Context, content io.Reader, size int64) (*pipelinev1.FileManifest, error) {
		return r.finish(ctx, manifest, content, size)
	})
}

// pass opens the content for one pass over it.
func (r *Reading) pass(ctx context.Context, open Content, read func(context.Context, io.Reader, int64) (*pipelinev1.FileManifest, error)) (*pipelinev1.FileManifest, error) {
	content, size, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return read(ctx, content, size)
}

// unknownKind says where a file belongs that lies in a folder of no kind.
func unknownKind(landingName string) string {
	folder, _, _ := strings.Cut(strings.TrimPrefix(landingName, topology.Landing), "/")
	var known []string
	for _, kind := range topology.Kinds() {
		if kind == pipelinev1.FileKind_FILE_KIND_UNSPECIFIED {
			continue
		}
		right := topology.Landing + topology.KindFolder(kind) + "/"
		if strings.EqualFold(folder, topology.KindFolder(kind)) {
			return landingName + " belongs into " + right + ": names of folders are in lower case"
		}
		known = append(known, right)
	}
	return "the folder of " + landingName + " is none that the pipeline knows; known are " + strings.Join(known, ", ")
}

// read reads the file's content of size bytes (-1: unknown) to its end. A fault
// of the file is a manifest with the verdict quarantined; an error is one of the
// source or of the outlet, and the reading has to be done again.
func (r *Reading) read(ctx context.Context, content io.Reader, size int64) (*pipelinev1.FileManifest, error) {
	err := r.readRecords(ctx, content, size)
	var fault *split.FileError
	if err != nil && !errors.As(err, &fault) {
		return nil, err
	}
	if fault != nil && (fault.Rule == rules.UnknownShape || fault.Rule == rules.HeaderMismatch) {
		fault = &split.FileError{Rule: fault.Rule, Detail: fault.Detail + r.hint}
	}
	return r.manifest(fault), nil
}

func (r *Reading) readRecords(ctx context.Context, content io.Reader, size int64) error {
	unpacked, most, err := stored.Unpack(content, size, r.policy.limits())
	if err != nil {
		return err
	}
	r.mostBytes = most
	records, decoder, err := r.open(unpacked)
	if err != nil {
		return err
	}
	for {
		record, err := records.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.records == r.policy.MaxRecords {
			return &split.FileError{Rule: rules.TooManyRecords,
				Detail: fmt.Sprintf("the file holds more than %s", plural.Of(r.policy.MaxRecords, "record"))}
		}
		if err := r.give(ctx, &record, decoder); err != nil {
			return &OutletError{fmt.Errorf("publish record %d: %w", r.records, err)}
		}
		r.records++
		r.bytes += record.Length
		if r.rest != nil && r.isSettled() {
			return r.mostlyRefused()
		}
	}
}

// open gives the file's splitter and the decoder of its records.
func (r *Reading) open(content io.Reader) (split.Splitter, decode.Decoder, error) {
	common := decode.Reading{
		FileID:   r.File.GetFileId(),
		ParseID:  r.ParseID,
		LandedAt: r.File.GetLandedAt().AsTime(),
		Currency: r.policy.Currency,

		MaxOrderLines:   r.policy.MaxOrderLines,
		MaxOrderAgeDays: r.policy.MaxOrderAgeDays,
		Zone:            r.policy.TimeZone,
	}
	if r.mapping != nil {
		records, err := r.mapping.Open(content, common)
		if err != nil {
			return nil, nil, err
		}
		r.catalog, r.leftOut = records.Catalog(), records.LeftOut
		return records, records, nil
	}
	head, content, err := headOf(content)
	if err != nil {
		return nil, nil, err
	}
	if r.File.GetKind() == pipelinev1.FileKind_FILE_KIND_ORDERS {
		records, err := split.Orders(content)
		if err != nil {
			return nil, nil, err
		}
		if is := shape.Orders(head); is != "" {
			return nil, nil, &split.FileError{Rule: rules.UnknownShape, Detail: is}
		}
		return records, decode.NewOrders(common), nil
	}
	rows, err := split.Rows(content)
	if err != nil {
		return nil, nil, err
	}
	header, err := rows.Next()
	switch {
	case errors.Is(err, io.EOF): // no header, and no record either
		return rows, nil, nil
	case err != nil:
		return nil, nil, err
	case header.Rule != "":
		return nil, nil, r.headerMismatch("the header is no CSV row: "+header.Detail, head)
	}
	var decoder decode.Decoder
	if r.File.GetKind() == pipelinev1.FileKind_FILE_KIND_PRODUCTS {
		decoder, err = decode.NewProducts(common, header.Data)
	} else {
		decoder, err = decode.NewCustomers(common, header.Data)
	}
	if err != nil {
		return nil, nil, r.headerMismatch(err.Error(), head)
	}
	return rows, decoder, nil
}

// give decodes a record and gives it to the outlet.
func (r *Reading) give(ctx context.Context, record *split.Record, decoder decode.Decoder) error {
	if record.Rule != "" {
		return r.reject(ctx, record, &decode.Fault{Rule: record.Rule, Message: record.Detail})
	}
	accepted, fault := decoder.Decode(record.Data)
	if fault != nil && r.mapping == nil {
		fault = withEncoding(fault, record.Data)
	}
	if fault != nil {
		return r.reject(ctx, record, fault)
	}
	accepted.Source.RecordIndex = r.records
	if record.AfterHeader {
		accepted.Source.Warnings = slices.Concat(accepted.Source.Warnings, []string{string(rules.RepeatedHeader)})
	}
	accepted.Source.ByteOffset, accepted.Source.ByteLength = record.Offset, record.Length
	if r.isWithheld(record) {
		return nil
	}
	if accepted.OrderID != "" {
		r.touched.add(accepted.Micros, accepted.Offset)
		r.versioned = r.versioned || accepted.Versioned
	}
	if r.records < r.from {
		return nil
	}
	return r.out.Accept(ctx, accepted)
}

// Watch has a function told of what each refused record has wrong, before the outlet is given
// the record, and also where it is not given to the outlet. The fault is only lent.
func (r *Reading) Watch(watch func(*decode.Fault)) { r.watch = watch }

func (r *Reading) reject(ctx context.Context, record *split.Record, fault *decode.Fault) error {
	if r.watch != nil {
		r.watch(fault)
	}
	withheld := r.isWithheld(record)
	r.rejected[fault.Rule]++
	r.refused++
	r.refusedBytes += record.Length
	if withheld || r.records < r.from {
		return nil
	}
	return r.out.Reject(ctx, r.refusal(record, fault))
}
