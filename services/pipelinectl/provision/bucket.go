package provision

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// softDelete is how long a deleted object can be restored: a file that a bug or
// a person removes is not lost at once. The deletions of ordinary moves cost a
// week of storage.
const softDelete = 7 * 24 * time.Hour

func (p *provisioner) bucket(ctx context.Context) error {
	return p.ensure(ctx, "bucket "+p.cfg.Bucket, func(ctx context.Context) (Outcome, string, error) {
		bucket := p.storage.Bucket(p.cfg.Bucket)
		have, err := bucket.Attrs(ctx)
		if errors.Is(err, storage.ErrBucketNotExist) {
			if p.opts.DryRun {
				return Created, "", nil
			}
			return Created, "", bucket.Create(ctx, p.cfg.ProjectID, &storage.BucketAttrs{
				Location:                 p.cfg.Location,
				UniformBucketLevelAccess: storage.UniformBucketLevelAccess{Enabled: true},
				PublicAccessPrevention:   storage.PublicAccessPreventionEnforced,
				SoftDeletePolicy:         &storage.SoftDeletePolicy{RetentionDuration: softDelete},
			})
		}
		if err != nil {
			return "", "", err
		}
		if !strings.EqualFold(have.Location, p.cfg.Location) {
			return "", "", &ConflictError{Reason: "it is in " + have.Location + " instead of " + p.cfg.Location}
		}
		return p.mendBucket(ctx, bucket, have)
	})
}

// mendBucket tightens access. Other settings are the owner's: a longer soft
// delete or a lifecycle rule added by hand stays.
func (p *provisioner) mendBucket(ctx context.Context, bucket *storage.BucketHandle, have *storage.BucketAttrs) (Outcome, string, error) {
	var update storage.BucketAttrsToUpdate
	var changed []string
	if !have.UniformBucketLevelAccess.Enabled {
		update.UniformBucketLevelAccess = &storage.UniformBucketLevelAccess{Enabled: true}
		changed = append(changed, "uniform access")
	}
	if have.PublicAccessPrevention != storage.PublicAccessPreventionEnforced {
		update.PublicAccessPrevention = storage.PublicAccessPreventionEnforced
		changed = append(changed, "public access prevention")
	}
	if len(changed) == 0 {
		return Unchanged, "", nil
	}
	if !p.opts.DryRun {
		unchanged := storage.BucketConditions{MetagenerationMatch: have.MetaGeneration}
		if _, err := bucket.If(unchanged).Update(ctx, update); err != nil {
			return "", "", err
		}
	}
	return Updated, list("changed: ", changed), nil
}

func (p *provisioner) notification(ctx context.Context) error {
	resource := "notification " + p.cfg.Bucket + "/" + topology.Landing
	return p.ensure(ctx, resource, func(ctx context.Context) (Outcome, string, error) {
		bucket := p.storage.Bucket(p.cfg.Bucket)
		want := &storage.Notification{
			TopicProjectID: p.cfg.ProjectID,
			TopicID:        topology.TopicLandingNotifications,
			EventTypes:     []string{storage.ObjectFinalizeEvent},
			// Without the prefix, archiving a file would announce it again.
			ObjectNamePrefix: topology.Landing,
			PayloadFormat:    storage.JSONPayload,
		}
		present, err := bucket.Notifications(ctx)
		if p.opts.DryRun && isStatus(err, http.StatusNotFound) {
			return Created, "", nil // the bucket would be made first
		}
		if err != nil {
			return "", "", err
		}
		for _, have := range present {
			if sameNotification(have, want) {
				return Unchanged, "", nil
			}
		}
		if !p.opts.DryRun {
			_, err = bucket.AddNotification(ctx, want)
		}
		return Created, "", err
	})
}

func sameNotification(a, b *storage.Notification) bool {
	return a.TopicProjectID == b.TopicProjectID && a.TopicID == b.TopicID &&
		a.ObjectNamePrefix == b.ObjectNamePrefix && a.PayloadFormat == b.PayloadFormat &&
		slices.Equal(a.EventTypes, b.EventTypes)
}

// list renders what was changed.
func list(label string, items []string) string { return label + strings.Join(items, ", ") }
