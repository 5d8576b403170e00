package verify

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// Source is a file as it was landed.
type Source struct {
	// Name is the object's whole name, under landing/.
	Name string
	// Generation is that of the landed object.
	Generation int64
	// CatalogMode is what the file's source says that it is a catalog of; empty: nothing.
	CatalogMode string
	// Open gives the bytes that were uploaded.
	Open func() (io.ReadCloser, error)
	// Corrected gives the bytes that were put in their place, by the first revision that was
	// read from them; nil if none were.
	Corrected map[int64]func() (io.ReadCloser, error)
}

// openAt gives the bytes that a revision was read from.
func (s *Source) openAt(revision int64) func() (io.ReadCloser, error) {
	open, from := s.Open, int64(0)
	for first, corrected := range s.Corrected {
		if from < first && first <= revision {
			open, from = corrected, first
		}
	}
	return open
}

// FileSource is a landed file whose bytes still stand on disk.
func FileSource(name string, generation int64, path string) Source {
	return Source{Name: name, Generation: generation, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// Compare computes what the warehouse must hold from the sources, which must be
// all the files that were ever landed, and gives every difference. It takes from
// the ledger and its history only when each file landed, in which transactions it
// was loaded, and what was allowed to it.
func Compare(ctx context.Context, c *Clients, sources []Source, policy reference.Policy) ([]Violation, error) {
	files, missing, err := c.files(ctx, sources)
	if err != nil {
		return nil, err
	}
	want, err := reference.Compute(files, policy)
	if err != nil {
		return nil, fmt.Errorf("compute the model: %w", err)
	}
	violations, err := c.compareAll(ctx, want)
	if err != nil {
		return nil, err
	}
	return append(missing, violations...), nil
}

// compareAll compares every table with what the model wants.
func (c *Clients) compareAll(ctx context.Context, want *reference.Warehouse) ([]Violation, error) {
	var found findings
	for _, check := range []func(context.Context, *reference.Warehouse, *findings) error{
		c.compareLedger, c.compareLedgerRules, c.compareFindings, c.compareRefused,
		c.compareProducts, c.compareCustomers, c.compareProductHistory, c.compareCustomerHistory,
		c.compareFacts, c.compareVersions, c.compareHours, c.compareCategories,
	} {
		if err := check(ctx, want, &found); err != nil {
			return nil, err
		}
	}
	found.end()
	return found.list, nil
}

// files finds the readings of the sources in the ledger and its history.
func (c *Clients) files(ctx context.Context, sources []Source) ([]reference.File, []Violation, error) {
	type reading struct {
		reference.File
		revision int64
	}
	ledger := make(map[string][]reading)
	err := c.eachRow(ctx, "check/readings", func(row []bigquery.Value) error {
		id, _ := row[0].(string)
		landedAt, landed := row[1].(time.Time)
		loadedAt, loaded := row[2].(time.Time)
		if !landed || !loaded {
			return fmt.Errorf("file %s has no times", id)
		}
		overrides, _ := row[3].(string)
		revision, _ := row[4].(int64)
		ledger[id] = append(ledger[id], reading{reference.File{
			ID: id, LandedAt: landedAt, LoadedAt: loadedAt,
			AcceptRefused: strings.Contains(overrides, landedfile.AcceptRefused), AcceptDuplicates: strings.Contains(overrides, landedfile.AcceptDuplicates),
		}, revision})
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the ledger: %w", err)
	}
	found := findings{invariant: "every_file_in_ledger"}
	var files []reference.File
	for _, s := range sources {
		readings := ledger[identity.FileID(c.Config.Bucket, s.Name, s.Generation)]
		if len(readings) == 0 {
			found.add("%s generation %d", s.Name, s.Generation)
		}
		for _, f := range readings {
			f.Name, f.CatalogMode, f.Open = s.Name, s.CatalogMode, s.openAt(f.revision)
			files = append(files, f.File)
		}
	}
	found.end()
	return files, found.list, nil
}

// Files gives the readings of the sources with what the ledger says of their times;
// a source that it does not hold is an error.
func (c *Clients) Files(ctx context.Context, sources []Source) ([]reference.File, error) {
	files, missing, err := c.files(ctx, sources)
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("%d sources are not in the ledger, first: %s", len(missing), missing[0])
	}
	return files, err
}
