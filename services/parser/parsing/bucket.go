package parsing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// objects opens claimed files and knows which are done.
type objects struct {
	storage *storage.Client
	ledger  *warehouse.Client
	within  time.Duration // in which each of their answers has to come
}

// errDone says that this revision of a file needs no reading: its fate is sealed.
var errDone = errors.New("the file is in the ledger already")

// open opens the file where it waits. The error is errDone if the
// file needs no reading, and permanent if it cannot be read any more.
//
// All revisions of a file wait under one name. A message of an earlier one must not
// have the later one read in its stead.
func (o objects) open(ctx context.Context, file *pipelinev1.LandedFile) (*stored.Object, error) {
	reader, err := o.openRevision(ctx, file)
	if err == nil || errors.Is(err, errDone) {
		return reader, err
	}
	err = fmt.Errorf("open gs://%s/%s: %w", file.GetBucket(), file.GetStagingName(), err)
	if !errors.Is(err, storage.ErrObjectNotExist) {
		return nil, err
	}
	done, ledgerErr := o.inLedger(ctx, file)
	switch {
	case ledgerErr != nil:
		return nil, errors.Join(err, ledgerErr)
	case done:
		return nil, errDone
	}
	return nil, messaging.Permanent(fmt.Errorf("%w; and the ledger does not know file %s", err, file.GetFileId()))
}

func (o objects) openRevision(ctx context.Context, file *pipelinev1.LandedFile) (*stored.Object, error) {
	object := o.storage.Bucket(file.GetBucket()).Object(file.GetStagingName())
	looking, cancel := context.WithTimeout(ctx, o.within)
	defer cancel()
	attrs, err := object.Attrs(looking)
	if err != nil {
		return nil, err
	}
	revision, err := claim.Revision(attrs)
	if err != nil {
		return nil, messaging.Permanent(err)
	}
	if revision > landedfile.Revision(file) {
		return nil, errDone
	}
	return o.reopen(ctx, file, attrs.Generation)
}

// reopen opens one generation of the file, compressed as it is stored: an object with
// Content-Encoding gzip would otherwise be decompressed on the way, without our limits.
func (o objects) reopen(ctx context.Context, file *pipelinev1.LandedFile, generation int64) (*stored.Object, error) {
	object := o.storage.Bucket(file.GetBucket()).Object(file.GetStagingName())
	return stored.Open(ctx, object.Generation(generation).ReadCompressed(true), o.within)
}

// noteParsed notes on the waiting object that its manifest is durable, so that the
// watcher leaves the file to the writer and the aggregator. The object is that of the
// generation that was read (0: any); one that is gone has been put away already.
func (o objects) noteParsed(ctx context.Context, file *pipelinev1.LandedFile, generation int64, at time.Time) error {
	object := o.storage.Bucket(file.GetBucket()).Object(file.GetStagingName())
	if generation != 0 {
		object = object.If(storage.Conditions{GenerationMatch: generation})
	}
	ctx, cancel := context.WithTimeout(ctx, o.within)
	defer cancel()
	_, err := object.Update(ctx, storage.ObjectAttrsToUpdate{Metadata: claim.ParsedMetadata(at)})
	if err != nil && !errors.Is(err, storage.ErrObjectNotExist) && !claim.IsPrecondition(err) {
		return fmt.Errorf("note on %s that it is parsed: %w", file.GetStagingName(), err)
	}
	return nil
}

// inLedger tells whether the aggregator has decided on this revision of the file:
// from then on the watcher may move it away.
func (o objects) inLedger(ctx context.Context, file *pipelinev1.LandedFile) (bool, error) {
	_, decided, err := warehouse.First[struct{}](ctx, o.ledger, "parsing/decided", warehouse.Params{
		"file_id": file.GetFileId(), "revision": landedfile.Revision(file),
	})
	if err != nil {
		return false, fmt.Errorf("look up file %s in the ledger: %w", file.GetFileId(), err)
	}
	return decided, nil
}
