package storagefront

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
)

// notMet tells whether a call was refused for the bucket's retention.
func notMet(err error) bool {
	e, ok := errors.AsType[*googleapi.Error](err)
	return ok && e.Code == http.StatusForbidden && len(e.Errors) == 1 && e.Errors[0].Reason == "retentionPolicyNotMet"
}

// TestRetention holds what a bucket's policy keeps, older objects too, until they are
// old enough or the policy goes; across a restart.
func TestRetention(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var hours atomic.Int64
	began := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	now := func() time.Time { return began.Add(time.Duration(hours.Load()) * time.Hour) }
	f := startFrontAt(t, t.TempDir(), nil, now)
	write(t, f.bucket.Object("old"), []byte("x"))
	policy := &storage.RetentionPolicy{RetentionPeriod: 24 * time.Hour}
	attrs, err := f.bucket.Update(ctx, storage.BucketAttrsToUpdate{RetentionPolicy: policy})
	if err != nil {
		t.Fatal(err)
	}
	if got := attrs.RetentionPolicy; got == nil || got.RetentionPeriod != policy.RetentionPeriod || !got.EffectiveTime.Equal(began) || got.IsLocked {
		t.Errorf("policy %+v", got)
	}
	hours.Add(1)
	if attrs, err = f.bucket.Update(ctx, storage.BucketAttrsToUpdate{RetentionPolicy: policy}); err != nil || !attrs.RetentionPolicy.EffectiveTime.Equal(began) {
		t.Errorf("set again: %+v, %v", attrs.RetentionPolicy, err)
	}
	f.stop(t)
	f = startFrontAt(t, f.dir, nil, now)
	old := f.bucket.Object("old")
	if got := attrsOf(t, old).RetentionExpirationTime; !got.Equal(began.Add(24 * time.Hour)) {
		t.Errorf("retained until %v", got)
	}
	for name, call := range map[string]func() error{
		"delete":    func() error { return old.Delete(ctx) },
		"overwrite": func() error { _, err := tryWrite(ctx, old, []byte("y")); return err },
		"move":      func() error { _, err := old.Move(ctx, storage.MoveObjectDestination{Object: "moved"}); return err },
		"copy onto": func() error {
			write(t, f.bucket.Object("other"), nil)
			_, err := old.CopierFrom(f.bucket.Object("other")).Run(ctx)
			return err
		},
		"compose onto": func() error { _, err := old.ComposerFrom(old).Run(ctx); return err },
	} {
		if err := call(); !notMet(err) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	// A claim copies, and cannot delete what it copied; metadata may change.
	if _, err := f.bucket.Object("copy").CopierFrom(old).Run(ctx); err != nil {
		t.Error(err)
	}
	if _, err := old.Update(ctx, storage.ObjectAttrsToUpdate{ContentType: "text/plain"}); err != nil {
		t.Error(err)
	}
	if got := string(read(t, old)); got != "x" {
		t.Errorf("content %q", got)
	}
	hours.Store(24)
	if err := old.Delete(ctx); err != nil {
		t.Errorf("old enough: %v", err)
	}
	if err := f.bucket.Object("copy").Delete(ctx); !notMet(err) {
		t.Errorf("the copy is younger: %v", err)
	}
	if attrs, err = f.bucket.Update(ctx, storage.BucketAttrsToUpdate{RetentionPolicy: &storage.RetentionPolicy{}}); err != nil || attrs.RetentionPolicy != nil {
		t.Errorf("taken away: %+v, %v", attrs.RetentionPolicy, err)
	}
	if err := f.bucket.Object("copy").Delete(ctx); err != nil {
		t.Error(err)
	}
}
