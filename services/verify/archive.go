package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// Archive says what FromArchive reads and what the services were told.
type Archive struct {
	// Policy is what the services were told.
	Policy reference.Policy
	// From and To bound the days on which files landed, UTC, both included; a zero one
	// is no bound.
	From, To civil.Date
	// IsMapped tells of a landed object's name that a source maps the file's records, which the
	// reference does not know how to read; nil: of none.
	IsMapped func(landingName string) bool
	// Progress is told after each file, one call at a time; nil: nobody is.
	Progress func(Progress)
}

// Progress is how far FromArchive has come.
type Progress struct {
	Files, AllFiles int
	Records         int64
}

// Recomputed is what FromArchive found.
type Recomputed struct {
	Violations []Violation
	// Files and Records are what was read and compared.
	Files   int
	Records int64
	// Skipped are the files that were not, each with the reason.
	Skipped []string
}

// FromArchive reads the files that archive/ and quarantine/ keep with the reference
// implementation, one after the other, and gives every difference between what they say and
// what the warehouse holds. Which record of an order counts it takes from the ledger and
// the keys, which the statements of the folder verify compare with each other; all that a
// record says it takes from the files. It changes nothing and wants a quiet pipeline.
//
// Of the orders one file at a time is in memory for each processor, of the catalogs all.
func FromArchive(ctx context.Context, c *Clients, a Archive) (*Recomputed, error) {
	kept, err := c.keptFiles(ctx)
	if err != nil {
		return nil, err
	}
	prints, err := c.filePrints(ctx)
	if err != nil {
		return nil, err
	}
	r := &recomputation{Clients: c, archive: a, prints: prints}
	if r.bucket, err = c.Storage.Bucket(c.Config.Bucket).Attrs(ctx); err != nil {
		return nil, fmt.Errorf("read the lifecycle of bucket %s: %w", c.Config.Bucket, err)
	}
	current := make([]*keptFile, 0, len(kept))
	for _, k := range kept {
		if k.isCurrent && a.isIn(civil.DateOf(k.LandedAt.UTC())) {
			current = append(current, k)
		}
	}
	violations := make([][]Violation, len(current))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, k := range current {
		g.Go(func() (err error) {
			violations[i], err = r.file(gctx, k, len(current))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var found findings
	inTurn := slices.Concat(violations...)
	slices.SortStableFunc(inTurn, func(a, b Violation) int { return cmp.Compare(a.Invariant, b.Invariant) })
	for _, v := range inTurn {
		found.of(v)
	}
	if a.From.IsZero() && a.To.IsZero() && !r.lacksCatalogs {
		if err := r.catalogs(ctx, kept, &found); err != nil {
			return nil, err
		}
	}
	r.done.Violations = found.sorted()
	return &r.done, nil
}

func (a Archive) isIn(day civil.Date) bool {
	return (a.From.IsZero() || !day.Before(a.From)) && (a.To.IsZero() || !day.After(a.To))
}

// recomputation is one run of FromArchive.
type recomputation struct {
	*Clients
	archive Archive
	prints  map[string]prints
	bucket  *storage.BucketAttrs

	mu            sync.Mutex
	done          Recomputed
	lacksCatalogs bool // some catalog could not be read
}

// file reads a file and compares it.
func (r *recomputation) file(ctx context.Context, k *keptFile, all int) ([]Violation, error) {
	if r.archive.IsMapped != nil && r.archive.IsMapped(k.Name) {
		r.skip(k, "a source maps its records", all)
		return nil, nil
	}
	file := k.opened(ctx, r.Clients)
	var sum prints
	leftOut := k.unseen()
	outcome, err := r.read(file, k, func(record reference.Record) {
		if !leftOut.has(record.Index) {
			sum.add(record)
		}
	})
	switch {
	case errors.Is(err, storage.ErrObjectNotExist) && mayBeDeleted(r.bucket.Lifecycle.Rules, k.object, k.LoadedAt, now()):
		r.skip(k, "the bucket's lifecycle has deleted it", all)
		return nil, nil
	case errors.Is(err, storage.ErrObjectNotExist):
		r.skip(k, "it is gone", all)
		gone := Violation{"archive_kept", k.object + ": the file is not there"}
		return []Violation{gone}, nil
	case errors.Is(err, reference.ErrBeyond):
		r.skip(k, err.Error(), all)
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", k.object, err)
	}
	violations := k.compareOutcome(outcome)
	if k.kind == "orders" {
		if k.verdict != "loaded" {
			sum = prints{}
		}
		stored := r.prints[k.ID]
		if sum != stored && k.namesAll {
			differences, err := r.differences(ctx, file, k)
			if err != nil {
				return nil, err
			}
			violations = append(violations, differences...)
		}
	}
	if k.rejected > 0 {
		refused, err := r.refused(ctx, file, k)
		if err != nil {
			return nil, err
		}
		violations = append(violations, refused...)
	}
	r.note(outcome.Records, all)
	return violations, nil
}

func (r *recomputation) read(file reference.File, k *keptFile, visit func(reference.Record)) (reference.Outcome, error) {
	if k.kind == "orders" {
		return reference.ReadOrders(file, r.archive.Policy, visit)
	}
	return reference.ReadFile(file, r.archive.Policy)
}

// note counts a file that was compared.
func (r *recomputation) note(records int64, all int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done.Files++
	r.done.Records += records
	r.tell(all)
}

func (r *recomputation) skip(k *keptFile, reason string, all int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done.Skipped = append(r.done.Skipped, k.object+": "+reason)
	r.lacksCatalogs = r.lacksCatalogs || k.kind != "orders"
	r.tell(all)
}

func (r *recomputation) tell(all int) {
	if r.archive.Progress != nil {
		r.archive.Progress(Progress{r.done.Files + len(r.done.Skipped), all, r.done.Records})
	}
}
