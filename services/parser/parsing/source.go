package parsing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// source opens claimed files and knows which are done.
type source struct {
	storage  *storage.Client
	bigquery *bigquery.Client
	dataset  string
}

// errDone says that this revision of a file needs no reading: its fate is sealed.
var errDone = errors.New("the file is in the ledger already")

// open opens the file where it waits. The reader stays with the generation it
// was opened at, over the client's own retries too. The error is errDone if the
// file needs no reading, and permanent if it cannot be read any more.
//
// All revisions of a file wait under one name. A message of an earlier one must not
// have the later one read in its stead.
func (s source) open(ctx context.Context, file *pipelinev1.LandedFile) (*storage.Reader, error) {
	reader, err := s.openRevision(ctx, file)
	if err == nil || errors.Is(err, errDone) {
		return reader, err
	}
	err = fmt.Errorf("open gs://%s/%s: %w", file.GetBucket(), file.GetStagingName(), err)
	if !errors.Is(err, storage.ErrObjectNotExist) {
		return nil, err
	}
	done, ledgerErr := s.inLedger(ctx, file)
	switch {
	case ledgerErr != nil:
		return nil, errors.Join(err, ledgerErr)
	case done:
		return nil, errDone
	}
	return nil, messaging.Permanent(fmt.Errorf("%w; and the ledger does not know file %s", err, file.GetFileId()))
}

func (s source) openRevision(ctx context.Context, file *pipelinev1.LandedFile) (*storage.Reader, error) {
	object := s.storage.Bucket(file.GetBucket()).Object(file.GetStagingName())
	attrs, err := object.Attrs(ctx)
	if err != nil {
		return nil, err
	}
	revision, err := claim.Revision(attrs)
	if err != nil {
		return nil, messaging.Permanent(err)
	}
	if revision > topology.Revision(file) {
		return nil, errDone
	}
	// Compressed as it is stored: an object with Content-Encoding gzip would
	// otherwise be decompressed on the way, without our limits.
	return object.Generation(attrs.Generation).ReadCompressed(true).NewReader(ctx)
}

// noteParsed notes on the waiting object that its manifest is durable, so that the
// watcher leaves the file to the writer and the aggregator. The object is that of the
// generation that was read (0: any); one that is gone has been put away already.
func (s source) noteParsed(ctx context.Context, file *pipelinev1.LandedFile, generation int64, at time.Time) error {
	object := s.storage.Bucket(file.GetBucket()).Object(file.GetStagingName())
	if generation != 0 {
		object = object.If(storage.Conditions{GenerationMatch: generation})
	}
	_, err := object.Update(ctx, storage.ObjectAttrsToUpdate{
		Metadata: map[string]string{topology.MetaParsedAt: at.UTC().Format(time.RFC3339Nano)},
	})
	if err != nil && !errors.Is(err, storage.ErrObjectNotExist) && !claim.IsPrecondition(err) {
		return fmt.Errorf("note on %s that it is parsed: %w", file.GetStagingName(), err)
	}
	return nil
}

// inLedger tells whether the aggregator has decided on this revision of the file:
// from then on the watcher may move it away.
func (s source) inLedger(ctx context.Context, file *pipelinev1.LandedFile) (bool, error) {
	fileID := file.GetFileId()
	text, err := sql.Statement("parsing/decided")
	if err != nil {
		return false, err
	}
	query := s.bigquery.Query(text)
	query.DefaultDatasetID = s.dataset
	query.Parameters = []bigquery.QueryParameter{
		{Name: "file_id", Value: fileID}, {Name: "revision", Value: topology.Revision(file)},
	}
	rows, err := query.Read(ctx)
	if err != nil {
		return false, fmt.Errorf("look up file %s in the ledger: %w", fileID, err)
	}
	var row []bigquery.Value
	switch err := rows.Next(&row); {
	case err == nil:
		return true, nil
	case errors.Is(err, iterator.Done):
		return false, nil
	default:
		return false, fmt.Errorf("look up file %s in the ledger: %w", fileID, err)
	}
}
