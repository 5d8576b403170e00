package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

const (
	// historyDays are the whole days of history of a new sandbox.
	historyDays = 120
	// newestDays land first: the dashboard opens with seven days, beside the seven before them.
	newestDays = 14
	// daysOfFile is how many days one of the other files has: a file costs what a thousand orders do.
	daysOfFile = 36
)

// progress is how far the history of a sandbox has landed, in a file of the data folder: a sandbox that is ended before
// all of it has, goes on with the rest when it is started again.
type progress struct {
	Seed   uint64            `json:"seed"`
	To     time.Time         `json:"to"`
	Landed map[string]string `json:"landed"` // the files' ids by their names below landing/
	Done   bool              `json:"done"`
}

const progressFile = "history.json"

// readProgress gives nil for a sandbox that has landed no history, or one of an earlier release.
func (s *Stack) readProgress() (*progress, error) {
	text, err := os.ReadFile(filepath.Join(s.config.DataDir, progressFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := &progress{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("read %s, without which a new history would land: %w", progressFile, err)
	}
	return p, nil
}

func (s *Stack) writeProgress(p *progress) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return s.writeState(progressFile, text)
}

// landHistory lands the history of a new sandbox, or what is left of it, and gives the ids of its files; none if the sandbox
// has orders already. The older orders land when the newest are loaded, which else would share the machine with
// them. The history that it gives is the one that fresh orders follow; nil if there is none.
func (s *Stack) landHistory(ctx context.Context, ledger *warehouse.Client, now time.Time) (*generate.History, []string, error) {
	p, err := s.readProgress()
	if err != nil {
		return nil, nil, err
	}
	seed := uint64(now.UnixNano()) // so that no sandbox, started again, repeats its orders
	if p == nil {
		p = &progress{Seed: seed, To: now, Landed: make(map[string]string)}
		_, err := s.Bucket().Objects(ctx, &storage.Query{Prefix: topology.Archive}).Next()
		if err != nil && !errors.Is(err, iterator.Done) {
			return nil, nil, err
		}
		p.Done = err == nil // by an earlier release, or by a person
		if err := s.writeProgress(p); err != nil {
			return nil, nil, err
		}
	}
	var files []string
	if !p.Done {
		history, err := newHistory(p.Seed, p.To.In(now.Location()))
		if err != nil {
			return nil, nil, err
		}
		files, err = s.landRest(ctx, ledger, history, p)
		if err != nil || p.Seed == seed {
			return history, files, err
		}
	}
	// What an earlier process made of orders after the history's is not known.
	history, err := newHistory(seed, now)
	if err == nil {
		history.Forget()
	}
	return history, files, err
}

// newHistory is that of a sandbox.
func newHistory(seed uint64, to time.Time) (*generate.History, error) {
	return generate.NewHistory(generate.HistoryOptions{Seed: seed, To: to, Days: historyDays, Faults: sampleFaults})
}

// landRest lands what of a history has not landed. A file that had, but of which the sandbox did not come to take
// note, lands once more with the same records, which are duplicates then.
func (s *Stack) landRest(ctx context.Context, ledger *warehouse.Client, history *generate.History, p *progress) (ids []string, err error) {
	var products, customers bytes.Buffer
	if err := errors.Join(history.WriteProducts(&products), history.WriteCustomers(&customers)); err != nil {
		return nil, err
	}
	newest, older, err := historyFiles(history)
	if err != nil {
		return nil, err
	}
	land := func(files ...sampleFile) error {
		for _, f := range files {
			if p.Landed[f.name] == "" {
				id, err := s.land(ctx, f.name, f.content)
				if err != nil {
					return err
				}
				p.Landed[f.name] = id
				if err := s.writeProgress(p); err != nil {
					return err
				}
			}
			ids = append(ids, p.Landed[f.name])
		}
		return nil
	}
	err = land(sampleFile{"products/products_latest.csv", products.Bytes()}, sampleFile{"customers/customers_latest.csv", customers.Bytes()}, newest)
	if err != nil {
		return ids, err
	}
	if err := remark(ctx, ledger, history); err != nil {
		return ids, err
	}
	if err := upload.Await(ctx, ledger, ids, func(upload.Outcome) {}); err != nil {
		return ids, err
	}
	if err := land(older...); err != nil {
		return ids, err
	}
	p.Done = true
	return ids, s.writeProgress(p)
}

type sampleFile struct {
	name    string // below landing/
	content []byte
}

// historyFiles are the orders of a history: of the newest days, and of those before.
func historyFiles(history *generate.History) (newest sampleFile, older []sampleFile, err error) {
	days := history.Days()
	last := len(days) - 1
	write := func(from, to int) (sampleFile, error) {
		var content bytes.Buffer
		_, err := history.WriteUntil(&content, days[to])
		name := fmt.Sprintf("orders/history_%s_%s.json", days[from].Format("20060102"), days[to].Format("20060102"))
		return sampleFile{name, content.Bytes()}, err
	}
	begin := last - newestDays
	for from := 0; from < begin; from += daysOfFile {
		file, err := write(from, min(from+daysOfFile, begin))
		if err != nil {
			return newest, nil, err
		}
		older = append(older, file)
	}
	newest, err = write(begin, last)
	return newest, older, err
}
