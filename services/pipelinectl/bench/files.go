package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

// files are what will be landed.
type files struct {
	catalogs, orders []file
	updated          int // orders that are later versions
}

type file struct {
	name, path string // the object's, and the local one
	size       int64
}

// makeFiles writes all files before anything is measured.
func makeFiles(ctx context.Context, cfg Config, work string) (files, error) {
	var made files
	now := time.Now()
	catalogs := map[string]func(io.Writer, generate.CatalogOptions) (map[rules.ID]int, error){
		"products": generate.WriteProducts, "customers": generate.WriteCustomers,
	}
	counts := map[string]int{"products": generate.DefaultProducts, "customers": generate.DefaultCustomers}
	for kind, write := range catalogs {
		f, err := makeFile(work, kind, kind+"_latest.csv", func(w io.Writer) error {
			_, err := write(w, generate.CatalogOptions{Seed: cfg.Seed, Count: counts[kind], Today: now})
			return err
		})
		if err != nil {
			return made, err
		}
		made.catalogs = append(made.catalogs, f)
	}
	orders, err := ordersOf(cfg, now, 0)
	if err != nil {
		return made, err
	}
	faulty, err := newSpoiler(cfg.Seed, now)
	if err != nil {
		return made, err
	}
	written, updated := 0, 0
	for i := range cfg.Files {
		n := cfg.Orders*(i+1)/cfg.Files - cfg.Orders*i/cfg.Files
		if cfg.Days > 1 && i > 0 {
			updated += orders.Updated()
			if orders, err = ordersOf(cfg, now, i); err != nil {
				return made, err
			}
		}
		write := func(w io.Writer) error { return orders.WriteOrders(w, n) }
		// The faulty ones are spread evenly; the first is never among them.
		if cfg.Faulty*(i+1)/cfg.Files > cfg.Faulty*i/cfg.Files {
			write = faulty.next(n, made.orders)
		}
		f, err := makeFile(work, "orders", fmt.Sprintf("orders_%05d.json", i), write)
		if err != nil {
			return made, err
		}
		made.orders = append(made.orders, f)
		written += n
		cfg.Progress("generating", int64(written), int64(cfg.Orders))
		if ctx.Err() != nil {
			return made, ctx.Err()
		}
	}
	made.updated = updated + orders.Updated()
	return made, nil
}

// ordersOf is the sequence that file number i takes its orders from. With several days each
// file has one of its own, since a sequence is of one range of time.
func ordersOf(cfg Config, now time.Time, i int) (*generate.Orders, error) {
	to := now.AddDate(0, 0, -(i % max(1, cfg.Days)))
	return generate.NewOrders(generate.OrderOptions{
		Seed: cfg.Seed + uint64(i), From: to.Add(-24 * time.Hour), To: to, Faults: cfg.Faults,
		UpdateShare: cfg.Updates,
		VariedShare: -1, // plain orders, as those that earlier measurements were made with
	})
}

func makeFile(dir, kind, name string, content func(io.Writer) error) (file, error) {
	f := file{name: upload.LandingName(kind, name), path: filepath.Join(dir, name)}
	out, err := os.Create(f.path)
	if err != nil {
		return f, err
	}
	buffered := bufio.NewWriterSize(out, 256<<10)
	err = errors.Join(content(buffered), buffered.Flush(), out.Close())
	if err != nil {
		return f, fmt.Errorf("write %s: %w", f.path, err)
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return f, err
	}
	f.size = info.Size()
	return f, nil
}
