package storm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

const (
	// uploads is how many files are uploaded at the same time.
	uploads = 8
	// attemptWithin bounds one attempt to upload a file; then it is made again.
	attemptWithin = 10 * time.Second
	// retryAfter is the pause before the next attempt.
	retryAfter = 500 * time.Millisecond
	// fewest orders that a file has on average, and most.
	fewest, most = 20, 1000
	// filesPerSecond is how many files land, unless that makes them too small or too large.
	filesPerSecond = 1
)

// landing is a file that lands, or has.
type landing struct {
	made
	path, native string // of its bytes on disk
	// generations are those that the cloud has acknowledged. The file may have landed more often:
	// when an answer is lost, Google's client uploads once more by itself.
	generations []int64
	landed      bool
}

// load lands files at a steady pace, whatever becomes of the cloud meanwhile, and knows
// which of them the warehouse has.
type load struct {
	cfg     Config
	clients *verify.Clients
	files   *files
	dir     string

	mu   sync.Mutex
	list []*landing
}

func newLoad(cfg Config, clients *verify.Clients) (*load, error) {
	made, err := newFiles(cfg.Seed, time.Now().UTC().Truncate(24*time.Hour))
	if err != nil {
		return nil, err
	}
	l := &load{cfg: cfg, clients: clients, files: made, dir: filepath.Join(cfg.Dir, "files")}
	return l, os.MkdirAll(l.dir, 0o755)
}

// run lands all orders over a duration, and returns when the last file has landed.
func (l *load) run(ctx context.Context, duration time.Duration) error {
	size := min(max(int(float64(l.cfg.Orders)/duration.Seconds()/filesPerSecond), fewest), most)
	pause := time.Duration(float64(duration) * float64(size) / float64(l.cfg.Orders))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(uploads)
	began := time.Now()
	for orders, n := 0, 0; orders < l.cfg.Orders; n++ {
		if sleep.For(ctx, time.Until(began.Add(time.Duration(n)*pause))) != nil {
			break
		}
		m, err := l.files.next(size)
		if err != nil {
			return err
		}
		// Those without orders make up for no others.
		orders += max(m.orders, 1)
		file, err := l.add(m)
		if err != nil {
			return err
		}
		group.Go(func() error { return l.land(ctx, file) })
	}
	return group.Wait()
}

// add keeps a file's bytes, which the model reads in the end.
func (l *load) add(m made) (*landing, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	file := &landing{made: m, path: filepath.Join(l.dir, fmt.Sprintf("%05d", len(l.list)))}
	err := os.WriteFile(file.path, m.text, 0o600)
	file.native = file.path
	if m.native != nil {
		file.native += ".native"
		err = errors.Join(err, os.WriteFile(file.native, m.native, 0o600))
	}
	file.made.native = nil
	l.list = append(l.list, file)
	return file, err
}

// land uploads a file until the cloud has it, as whoever uploads does: an answer that is
// lost may mean that it lands once more.
func (l *load) land(ctx context.Context, file *landing) error {
	bucket := l.clients.Storage.Bucket(l.clients.Config.Bucket)
	for ctx.Err() == nil {
		attempt, cancel := context.WithTimeout(ctx, attemptWithin)
		generation, err := upload.Copy(attempt, bucket, topology.Landing+file.name, bytes.NewReader(file.text))
		cancel()
		if err == nil {
			l.mu.Lock()
			file.generations, file.landed, file.text = append(file.generations, generation), true, nil
			l.mu.Unlock()
			return nil
		}
		_ = sleep.For(ctx, retryAfter)
	}
	return ctx.Err()
}

// count is how many files were to land until now.
func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.list)
}

// ledgerRow is what the ledger says of a file.
type ledgerRow struct {
	FileID  string              `bigquery:"file_id"`
	Name    string              `bigquery:"landing_name"`
	Verdict string              `bigquery:"verdict"`
	Reason  bigquery.NullString `bigquery:"reason"`
}

// ledger reads the ledger. A cloud that is away answers with an error, or not in time.
func (l *load) ledger(ctx context.Context) (map[string]ledgerRow, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptWithin)
	defer cancel()
	client := &warehouse.Client{BigQuery: l.clients.BigQuery, Dataset: l.clients.Config.Dataset, Service: topology.Operator, Task: "storm"}
	rows, err := warehouse.All[ledgerRow](ctx, client, "check/loaded_files", nil)
	if err != nil {
		return nil, fmt.Errorf("ask the ledger: %w", err)
	}
	ledger := make(map[string]ledgerRow, 2*len(rows))
	for _, row := range rows {
		ledger[row.FileID], ledger[row.Name] = row, row
	}
	return ledger, nil
}

// missing counts the files from one to another that the ledger does not have. Of a file whose upload
// was not acknowledged, any that landed under its name will do.
func (l *load) missing(ledger map[string]ledgerRow, from, to int) (missing int, first string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, file := range l.list[from:to] {
		name := topology.Landing + file.name
		_, known := ledger[name]
		for _, generation := range file.generations {
			_, known = ledger[identity.FileID(l.clients.Config.Bucket, name, generation)]
		}
		if file.landed && known {
			continue
		}
		if missing++; first == "" {
			first = name
		}
	}
	return missing, first
}

// poll is how often the ledger is asked.
const poll = 200 * time.Millisecond

// await waits until the files from one to another are in the ledger.
func (l *load) await(ctx context.Context, from, to int, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		ledger, err := l.ledger(ctx)
		missing, first := to-from, ""
		if err == nil {
			if missing, first = l.missing(ledger, from, to); missing == 0 {
				return nil
			}
		}
		if sleep.For(ctx, poll) != nil {
			return fmt.Errorf("%d of %d files are not loaded after %v (%s; %w)", missing, to-from, within.Round(time.Second), first, errors.Join(ctx.Err(), err))
		}
	}
}
