package claim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Announce asks for a file to be read and notes that on the object. The note
// comes second: a crash between the two announces the file once too often, which
// changes nothing, while the other order could forget it.
func (c *Claim) Announce(ctx context.Context, bucket *storage.BucketHandle, filesLanded *messaging.Publisher, now time.Time) error {
	message := &pipelinev1.FileLanded{File: c.File, Announcement: int32(c.Announcements + 1)}
	if err := filesLanded.PublishSync(ctx, message, map[string]string{topology.AttrFileID: c.File.GetFileId()}); err != nil {
		return fmt.Errorf("announce %s: %w", c.File.GetStagingName(), err)
	}
	object := bucket.Object(c.File.GetStagingName()).If(storage.Conditions{MetagenerationMatch: c.metageneration})
	_, err := object.Update(ctx, storage.ObjectAttrsToUpdate{Metadata: c.announcedMetadata(now)})
	switch {
	case err == nil, errors.Is(err, storage.ErrObjectNotExist):
		return nil // put away already
	case IsPrecondition(err):
		return nil // announced by another as well
	default:
		return fmt.Errorf("note the announcement of %s: %w", c.File.GetStagingName(), err)
	}
}

// IsPrecondition tells whether a step was refused because another has done it, or
// changed what it was to be done to.
func IsPrecondition(err error) bool {
	var e *googleapi.Error
	return errors.As(err, &e) && e.Code == http.StatusPreconditionFailed
}
