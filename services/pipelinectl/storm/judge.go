package storm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// policy is the services' default configuration, as the model is told of it.
var policy = reference.Policy{MaxDeactivateShare: 0.2, MaxFindings: 100}

// judge waits until the pipeline is quiet and compares all of it.
func (s *storm) judge(ctx context.Context) error {
	began := time.Now()
	err := s.settle(ctx)
	s.report.Settled, s.report.SettleSeconds = err == nil, time.Since(began).Seconds()
	if err != nil {
		s.say("not quiet: %v", err)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.report.sum(s.fleet)
	if s.report.Panics, err = s.fleet.panics(s.cfg.Dir); err != nil {
		return err
	}
	s.say("comparing")
	if err := s.countFiles(ctx); err != nil {
		return err
	}
	if err := s.countLetters(ctx); err != nil {
		return err
	}
	sources, err := s.sources(ctx)
	if err != nil {
		return err
	}
	return s.compare(ctx, sources)
}

// settle waits until every file is loaded and put away, and no message is left.
func (s *storm) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Settle)
	defer cancel()
	for {
		rest, err := s.rest(ctx)
		if err == nil && rest == "" {
			return nil
		}
		if sleep.For(ctx, time.Second) != nil {
			return errors.Join(ctx.Err(), err, errors.New(rest))
		}
	}
}

// rest tells what is still on its way.
func (s *storm) rest(ctx context.Context) (string, error) {
	ledger, err := s.load.ledger(ctx)
	if err != nil {
		return "", err
	}
	if n, first := s.load.missing(ledger, 0, s.load.count()); n > 0 {
		return fmt.Sprintf("%d files are not loaded, first: %s", n, first), nil
	}
	for _, prefix := range []string{topology.Landing, topology.Staging} {
		object, err := s.clients.Storage.Bucket(s.clients.Config.Bucket).Objects(ctx, &storage.Query{Prefix: prefix}).Next()
		if err == nil {
			return object.Name + " is not put away", nil
		}
		if !errors.Is(err, iterator.Done) {
			return "", fmt.Errorf("list %s: %w", prefix, err)
		}
	}
	return s.fleet.backlog(ctx)
}

// backlog names a subscription of the services that has messages left, by the embedded
// cloud's metrics; "" if there is none.
func (f *fleet) backlog(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.own+"/metrics", nil)
	if err != nil {
		return "", err
	}
	response, err := f.http.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("read the backlogs: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "num_undelivered_messages") || strings.HasPrefix(line, "#") {
			continue
		}
		value := strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:])
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return "", fmt.Errorf("read the backlogs: %w", err)
		}
		if n > 0 {
			return "messages are left: " + strings.TrimSpace(line), nil
		}
	}
	return "", nil
}

// panics counts those in the logs of all processes, of requests too.
func (f *fleet) panics(dir string) (n int, err error) {
	logs, err := filepath.Glob(filepath.Join(dir, "logs", "*.log"))
	if err != nil {
		return 0, err
	}
	for _, path := range append(logs, filepath.Join(f.data, "sandbox.log")) {
		file, err := os.Open(path)
		if err != nil {
			return n, err
		}
		lines := bufio.NewReader(file)
		for {
			line, err := lines.ReadSlice('\n')
			if bytes.HasPrefix(line, []byte("panic: ")) || bytes.HasPrefix(line, []byte("fatal error: ")) || bytes.Contains(line, []byte(`"request panicked"`)) {
				n++
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				break
			}
		}
		if err := file.Close(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// countFiles tells what became of the files.
func (s *storm) countFiles(ctx context.Context) error {
	ledger, err := s.load.ledger(ctx)
	if err != nil {
		return err
	}
	healthy := make(map[string]bool)
	for _, file := range s.load.list {
		healthy[topology.Landing+file.name] = file.healthy
		s.report.Files++
		s.report.Orders += file.orders
	}
	for key, row := range ledger {
		switch {
		case key != row.FileID: // it stands there by its name, too
		case row.Verdict == "loaded":
			s.report.Loaded++
		default:
			s.report.Quarantined++
			if healthy[row.Name] {
				s.report.HealthyQuarantined = append(s.report.HealthyQuarantined, row.Name+": "+row.Reason.StringVal)
			}
		}
	}
	slices.Sort(s.report.HealthyQuarantined)
	return nil
}

// letters are the dead letters of a subscription.
type letters struct {
	Subscription string `bigquery:"subscription"`
	N            int    `bigquery:"n"`
	Error        string `bigquery:"error"`
}

// orderLines is an order of the facts.
type orderLines struct {
	OrderID  string `bigquery:"order_id"`
	Lines    int    `bigquery:"lines"`
	Distinct int    `bigquery:"distinct_lines"`
}

func (s *storm) warehouse() *warehouse.Client {
	return &warehouse.Client{BigQuery: s.clients.BigQuery, Dataset: s.clients.Config.Dataset, Service: topology.Operator, Task: "storm"}
}

func (s *storm) countLetters(ctx context.Context) error {
	rows, err := warehouse.All[letters](ctx, s.warehouse(), "check/dead_letters", nil)
	if err != nil {
		return fmt.Errorf("count the dead letters: %w", err)
	}
	for _, row := range rows {
		if s.report.DeadLettersOf == nil {
			s.report.DeadLettersOf = make(map[string]int)
		}
		s.report.DeadLetters += row.N
		s.report.DeadLettersOf[row.Subscription+": "+row.Error] = row.N
	}
	return nil
}

// sources are all files that have landed. How often one did, the bucket tells: whatever was
// claimed is kept, with what it landed as. What was acknowledged is wanted, kept or not.
func (s *storm) sources(ctx context.Context) ([]verify.Source, error) {
	kept := make(map[string][]int64)
	for object, err := range claim.Kept(ctx, s.clients.Storage.Bucket(s.clients.Config.Bucket)) {
		if err != nil {
			return nil, err
		}
		c, err := claim.Read(object)
		if err != nil {
			return nil, err
		}
		kept[c.File.GetLandingName()] = append(kept[c.File.GetLandingName()], c.File.GetLandingGeneration())
	}
	var sources []verify.Source
	known := make(map[string]map[int64]bool)
	for _, file := range s.load.list {
		name := topology.Landing + file.name
		generations := slices.Concat(file.generations, kept[name])
		if known[name] == nil {
			known[name] = make(map[int64]bool)
		}
		for _, generation := range generations {
			if !known[name][generation] {
				known[name][generation] = true
				sources = append(sources, verify.FileSource(name, generation, file.native))
			}
		}
	}
	return sources, nil
}

// compare compares the warehouse and the bucket with the model, and checks the invariants.
func (s *storm) compare(ctx context.Context, sources []verify.Source) error {
	files, err := s.clients.Files(ctx, sources)
	if err != nil {
		return err
	}
	want, err := reference.Compute(files, policy)
	if err != nil {
		return fmt.Errorf("compute the model: %w", err)
	}
	wanted := make(map[string]bool)
	for key := range want.Facts {
		wanted[key.OrderID] = true
	}
	rows, err := warehouse.All[orderLines](ctx, s.warehouse(), "check/fact_lines", nil)
	if err != nil {
		return fmt.Errorf("count the orders: %w", err)
	}
	for _, row := range rows {
		if row.Lines > row.Distinct || !wanted[row.OrderID] {
			s.report.Doubled++
		}
		delete(wanted, row.OrderID)
	}
	s.report.Lost = len(wanted)
	differences, err := verify.Compare(ctx, s.clients, sources, policy)
	if err != nil {
		return fmt.Errorf("compare with the model: %w", err)
	}
	broken, err := verify.Invariants(ctx, s.clients)
	if err != nil {
		return fmt.Errorf("check the invariants: %w", err)
	}
	recomputed, err := s.fromArchive(ctx)
	if err != nil {
		return err
	}
	for _, v := range slices.Concat(differences, broken, recomputed) {
		s.report.Differences = append(s.report.Differences, v.String())
	}
	s.report.checked = true
	return nil
}

// fromArchive compares what the bucket keeps with the warehouse, as verify --from-archive does.
func (s *storm) fromArchive(ctx context.Context) ([]verify.Violation, error) {
	s.say("reading the archive")
	began := time.Now()
	done, err := verify.FromArchive(ctx, s.clients, verify.Archive{Policy: policy, IsMapped: func(landingName string) bool {
		return strings.HasPrefix(landingName, topology.Landing+exports)
	}})
	if err != nil {
		return nil, fmt.Errorf("recompute from the archive: %w", err)
	}
	s.report.FromArchive = Archive{done.Files, len(done.Skipped), done.Records, time.Since(began).Seconds()}
	return done.Violations, nil
}
