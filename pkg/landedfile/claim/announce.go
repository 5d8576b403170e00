package claim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Announce asks for a file to be read and notes that on the object. The note
// comes second: a crash between the two announces the file once too often, which
// changes nothing, while the other order could forget it.
func (c *Claim) Announce(ctx context.Context, bucket *storage.BucketHandle, filesLanded *messaging.Publisher, now time.Time) error {
	ctx = telemetry.WithFile(ctx, c.File.GetFileId(), landedfile.Revision(c.File))
	message := &pipelinev1.FileLanded{File: c.File, Announcement: int32(c.Announcements + 1)}
	if err := filesLanded.PublishSync(ctx, message, map[string]string{topology.AttrFileID: c.File.GetFileId()}); err != nil {
		return fmt.Errorf("announce %s: %w", c.File.GetStagingName(), err)
	}
	return c.Note(ctx, bucket, now)
}

// Note counts an announcement in the object's metadata. The parser may have noted
// something of its own meanwhile; only another announcement makes this one moot.
func (c *Claim) Note(ctx context.Context, bucket *storage.BucketHandle, now time.Time) error {
	name := c.File.GetStagingName()
	for {
		object := bucket.Object(name).If(storage.Conditions{MetagenerationMatch: c.metageneration})
		_, err := object.Update(ctx, storage.ObjectAttrsToUpdate{Metadata: c.announcement(now)})
		if err == nil || errors.Is(err, storage.ErrObjectNotExist) {
			return nil // put away already, in the second case
		}
		if !IsPrecondition(err) {
			return fmt.Errorf("note the announcement of %s: %w", name, err)
		}
		staged, err := bucket.Object(name).Attrs(ctx)
		if errors.Is(err, storage.ErrObjectNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look at %s: %w", name, err)
		}
		found, err := Read(staged)
		if err != nil {
			return err
		}
		if found.Announcements != c.Announcements || found.File.GetRevision() != c.File.GetRevision() {
			return nil // announced by another as well, or brought back since
		}
		c = found
	}
}

// IsPrecondition tells whether a step was refused because another has done it, or
// changed what it was to be done to.
func IsPrecondition(err error) bool {
	var e *googleapi.Error
	return errors.As(err, &e) && e.Code == http.StatusPreconditionFailed
}
