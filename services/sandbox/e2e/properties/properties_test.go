package properties

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"path"
	"sync"
	"testing"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// More seeds are run by hand: go test ./services/sandbox/e2e/properties -seeds 50 -first-seed 100.
var (
	seeds     = flag.Int("seeds", 2, "random seeds for TestProperties")
	firstSeed = flag.Uint64("first-seed", 1, "the first of them")
)

// TestProperties lands random files in random order, some at the same time and
// some more than once, while messages of every topic come twice, has some of them read
// again, and expects the invariants to hold and every number to equal the model's.
func TestProperties(t *testing.T) {
	t.Parallel()
	for i := range *seeds {
		seed := *firstSeed + uint64(i)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			r := newRandomFiles(seed)
			p := r.start(t)
			harness.Echo(t, p)
			var sources []verify.Source
			var earlier []randomFile
			for range 2 {
				files := r.round(t, earlier)
				sources = append(sources, landTogether(t, p, files, 1+r.IntN(6))...)
				p.AwaitFiles(t, len(sources))
				harness.VerifyAll(t, p, sources)
				r.readAgain(t, p, sources)
				harness.VerifyAll(t, p, sources)
				earlier = append(earlier, files...)
			}
		})
	}
}

// round draws files, and some of the earlier ones under their own names or others.
func (r *randomFiles) round(t *testing.T, earlier []randomFile) []randomFile {
	t.Helper()
	var files []randomFile
	for range 10 {
		files = append(files, r.next(t))
	}
	for i := range files[:3] {
		files = append(files, randomFile{files[i].name + ".copy", files[i].content})
	}
	// What has gone from landing/ may come again under its name, or with other content.
	for _, i := range r.Perm(len(earlier))[:min(len(earlier), 4)] {
		again := earlier[i]
		if other := earlier[r.IntN(len(earlier))]; path.Dir(other.name) == path.Dir(again.name) {
			again.content = other.content
		}
		files = append(files, again)
	}
	r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	return files
}

// landTogether uploads files, some at a time.
func landTogether(t *testing.T, p *harness.Pipeline, files []randomFile, atOnce int) []verify.Source {
	t.Helper()
	sources := make([]verify.Source, len(files))
	faults := make([]error, len(files))
	turns := make(chan struct{}, atOnce)
	var uploads sync.WaitGroup
	for i, f := range files {
		uploads.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			w := p.Bucket().Object("landing/" + f.name).If(storage.Conditions{DoesNotExist: true}).NewWriter(t.Context())
			_, err := w.Write(f.content)
			if faults[i] = errors.Join(err, w.Close()); faults[i] != nil {
				return
			}
			sources[i] = verify.Source{
				Name: "landing/" + f.name, Generation: w.Attrs().Generation,
				Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.content)), nil },
			}
		})
	}
	uploads.Wait()
	if err := errors.Join(faults...); err != nil {
		t.Fatal(err)
	}
	return sources
}
