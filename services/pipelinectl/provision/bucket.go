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
	return p.ensure(ctx, "bucket "+p.cfg.Bucket, func(ctx context.Context) (Outcome, []Change, error) {
		bucket := p.storage.Bucket(p.cfg.Bucket)
		have, err := bucket.Attrs(ctx)
		if errors.Is(err, storage.ErrBucketNotExist) {
			return p.createBucket(ctx, bucket)
		}
		if err != nil {
			return "", nil, err
		}
		if !strings.EqualFold(have.Location, p.cfg.Location) {
			return "", nil, &ConflictError{Reason: "it is in " + have.Location + " instead of " + p.cfg.Location}
		}
		if reason := undeletable(have); reason != "" {
			return "", nil, &ConflictError{Reason: reason}
		}
		return p.mendBucket(ctx, bucket, have)
	})
}

func (p *provisioner) createBucket(ctx context.Context, bucket *storage.BucketHandle) (Outcome, []Change, error) {
	rules, lifecycle := mendRules(nil, p.lifecycle.rules())
	changes := append([]Change{
		{Setting: "location", To: p.cfg.Location},
		{Setting: "uniform access", To: "true"},
		{Setting: "public access prevention", To: storage.PublicAccessPreventionEnforced.String()},
		{Setting: "soft delete", To: softDelete.String()},
		{Setting: labelSetting, To: labelValue},
	}, lifecycle...)
	if p.opts.DryRun {
		return Created, changes, nil
	}
	return Created, changes, bucket.Create(ctx, p.cfg.ProjectID, &storage.BucketAttrs{
		Location:                 p.cfg.Location,
		UniformBucketLevelAccess: storage.UniformBucketLevelAccess{Enabled: true},
		PublicAccessPrevention:   storage.PublicAccessPreventionEnforced,
		SoftDeletePolicy:         &storage.SoftDeletePolicy{RetentionDuration: softDelete},
		Lifecycle:                storage.Lifecycle{Rules: rules},
		Labels:                   ownLabels(),
	})
}

// mendBucket tightens access and sets the pipeline's own lifecycle rules. Other
// settings are the owner's: a longer soft delete or another rule stays, and so does a
// file that is to be kept longer.
func (p *provisioner) mendBucket(ctx context.Context, bucket *storage.BucketHandle, have *storage.BucketAttrs) (Outcome, []Change, error) {
	var update storage.BucketAttrsToUpdate
	var changes []Change
	if !have.UniformBucketLevelAccess.Enabled {
		update.UniformBucketLevelAccess = &storage.UniformBucketLevelAccess{Enabled: true}
		changes = compare(changes, "uniform access", "false", "true")
	}
	if is := have.PublicAccessPrevention; is != storage.PublicAccessPreventionEnforced {
		update.PublicAccessPrevention = storage.PublicAccessPreventionEnforced
		changes = compare(changes, "public access prevention", is.String(), update.PublicAccessPrevention.String())
	}
	changes = mendLabel(&update, have.Labels, changes)
	want, left := unshortened(have.Lifecycle.Rules, p.lifecycle.rules(), p.opts.Shorten)
	if rules, lifecycle := mendRules(have.Lifecycle.Rules, want); len(lifecycle) > 0 {
		update.Lifecycle = &storage.Lifecycle{Rules: rules}
		changes = append(changes, lifecycle...)
	}
	if changes = slices.Concat(changes, left, bucketNotes(have)); !pending(changes) {
		return Unchanged, changes, nil
	}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	unchanged := storage.BucketConditions{MetagenerationMatch: have.MetaGeneration}
	_, err := bucket.If(unchanged).Update(ctx, update)
	return Updated, changes, err
}

func (p *provisioner) notification(ctx context.Context) error {
	resource := "notification " + p.cfg.Bucket + "/" + topology.Landing
	return p.ensure(ctx, resource, func(ctx context.Context) (Outcome, []Change, error) {
		bucket := p.storage.Bucket(p.cfg.Bucket)
		want := &storage.Notification{
			TopicProjectID: p.cfg.ProjectID,
			TopicID:        topology.TopicLandingNotifications,
			EventTypes:     []string{storage.ObjectFinalizeEvent},
			// Without the prefix, archiving a file would announce it again.
			ObjectNamePrefix: topology.Landing,
			PayloadFormat:    storage.JSONPayload,
		}
		changes := []Change{
			{Setting: "topic", To: want.TopicID},
			{Setting: "event", To: want.EventTypes[0]},
			{Setting: "prefix", To: want.ObjectNamePrefix},
		}
		present, err := bucket.Notifications(ctx)
		if p.opts.DryRun && isStatus(err, http.StatusNotFound) {
			return Created, changes, nil // the bucket would be made first
		}
		if err != nil {
			return "", nil, err
		}
		for _, have := range present {
			if sameNotification(have, want) {
				return Unchanged, nil, nil
			}
		}
		if !p.opts.DryRun {
			_, err = bucket.AddNotification(ctx, want)
		}
		return Created, changes, err
	})
}

func sameNotification(a, b *storage.Notification) bool {
	return a.TopicProjectID == b.TopicProjectID && a.TopicID == b.TopicID &&
		a.ObjectNamePrefix == b.ObjectNamePrefix && a.PayloadFormat == b.PayloadFormat &&
		slices.Equal(a.EventTypes, b.EventTypes) && len(a.CustomAttributes) == 0
}
