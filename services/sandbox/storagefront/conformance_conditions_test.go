package storagefront

import (
	"errors"
	"net/http"
	"testing"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
)

// testPreconditions tries each condition on each call, on an object at
// metageneration 1 and on one that does not exist.
func testPreconditions(t *testing.T, f *space) {
	ctx := t.Context()
	type call func(o *storage.ObjectHandle, c storage.Conditions) error
	calls := map[string]call{
		"attrs": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).Attrs(ctx)
			return err
		},
		"read": func(o *storage.ObjectHandle, c storage.Conditions) error {
			r, err := o.If(c).NewReader(ctx)
			if err == nil {
				r.Close()
			}
			return err
		},
		"read through the XML API": func(o *storage.ObjectHandle, c storage.Conditions) error {
			r, err := f.xml.Object(o.ObjectName()).If(c).NewReader(ctx)
			if err == nil {
				r.Close()
			}
			return err
		},
		"resumable write": func(o *storage.ObjectHandle, c storage.Conditions) error {
			w := o.If(c).NewWriter(ctx)
			w.ChunkSize = googleapi.MinUploadChunkSize
			if _, err := w.Write(make([]byte, 2*w.ChunkSize+1)); err != nil {
				return errors.Join(err, w.Close())
			}
			return w.Close()
		},
		"write": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := tryWrite(ctx, o.If(c), []byte("new"))
			return err
		},
		"update": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).Update(ctx, storage.ObjectAttrsToUpdate{ContentType: "text/plain"})
			return err
		},
		"delete": func(o *storage.ObjectHandle, c storage.Conditions) error { return o.If(c).Delete(ctx) },
		"copy to": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).CopierFrom(f.object("source")).Run(ctx)
			return err
		},
		"copy from": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := f.bucket.Object("copy of " + o.ObjectName()).CopierFrom(o.If(c)).Run(ctx)
			return err
		},
		"move from": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).Move(ctx, storage.MoveObjectDestination{Object: "move of " + o.ObjectName()})
			return err
		},
		"move to": func(o *storage.ObjectHandle, c storage.Conditions) error {
			from := f.bucket.Object("mover of " + o.ObjectName())
			if _, err := tryWrite(ctx, from, []byte("m")); err != nil {
				return err
			}
			_, err := from.Move(ctx, storage.MoveObjectDestination{Object: o.ObjectName(), Conditions: &c})
			return err
		},
		"compose to": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).ComposerFrom(f.object("source")).Run(ctx)
			return err
		},
	}
	write(t, f.object("source"), []byte("source"))

	// What each call answers when the condition fails, and when there is no object.
	failed := map[string]int{}
	absent := map[string]int{}
	for name := range calls {
		failed[name], absent[name] = http.StatusPreconditionFailed, http.StatusNotFound
	}
	for _, creates := range []string{"write", "resumable write", "copy to", "move to", "compose to"} {
		absent[creates] = 0
	}
	reads := map[string]bool{"attrs": true, "read": true}
	const none, good, bad = 0, 1, 2
	conditions := map[string]struct {
		conds   func(generation int64) storage.Conditions
		present int // does it hold for the object?
		absent  int // and for none?
		not     bool
	}{
		"generation matches":        {func(g int64) storage.Conditions { return storage.Conditions{GenerationMatch: g} }, good, bad, false},
		"generation differs":        {func(g int64) storage.Conditions { return storage.Conditions{GenerationMatch: g - 1} }, bad, bad, false},
		"does not exist":            {func(int64) storage.Conditions { return storage.Conditions{DoesNotExist: true} }, bad, good, false},
		"not generation, other":     {func(g int64) storage.Conditions { return storage.Conditions{GenerationNotMatch: g - 1} }, good, good, true},
		"not generation, same":      {func(g int64) storage.Conditions { return storage.Conditions{GenerationNotMatch: g} }, bad, none, true},
		"metageneration matches":    {func(int64) storage.Conditions { return storage.Conditions{MetagenerationMatch: 1} }, good, bad, false},
		"metageneration differs":    {func(int64) storage.Conditions { return storage.Conditions{MetagenerationMatch: 7} }, bad, bad, false},
		"not metageneration, other": {func(int64) storage.Conditions { return storage.Conditions{MetagenerationNotMatch: 7} }, good, good, true},
		"not metageneration, same":  {func(int64) storage.Conditions { return storage.Conditions{MetagenerationNotMatch: 1} }, bad, none, true},
	}
	for callName, call := range calls {
		for condName, tc := range conditions {
			if tc.not && (callName == "compose to" || callName == "read through the XML API") {
				continue // the API gives compose no such condition, the client sends none to the XML API
			}
			t.Run(callName+"/"+condName, func(t *testing.T) {
				t.Parallel()
				o := f.object(callName + "/" + condName)
				generation := write(t, o, []byte("old")).Generation
				want := 0
				if tc.present == bad {
					want = failed[callName]
					if tc.not && reads[callName] {
						want = http.StatusNotModified
					}
				}
				if got := code(call(o, tc.conds(generation))); got != want {
					t.Errorf("on an object: %d, want %d", got, want)
				}
				if tc.absent == none {
					return
				}
				missing := f.object(callName + "/" + condName + "/missing")
				want = absent[callName]
				if want == 0 && tc.absent == bad {
					want = http.StatusPreconditionFailed
				}
				if got := code(call(missing, tc.conds(generation))); got != want {
					t.Errorf("on nothing: %d, want %d", got, want)
				}
			})
		}
	}
}
