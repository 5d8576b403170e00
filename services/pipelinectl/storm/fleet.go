package storm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/local"
)

// theCloud is what the report calls the embedded cloud.
const theCloud = "cloud"

// readyWithin bounds a start of everything; a busy machine takes half a minute.
const readyWithin = 5 * time.Minute

// drainWithin bounds the stop of a process, which may drain for 25 s.
const drainWithin = 45 * time.Second

// services are those that files depend on, and the reporter, which looks on.
var services = []string{topology.Watcher, topology.Parser, topology.Writer, topology.Aggregator, topology.Reporter}

// programs are what has to be built.
func programs() []string { return append([]string{local.Sandbox}, services...) }

// patience is the services' configuration where a cluster would wait longer than a storm
// lasts; the sandbox's own defaults.
var patience = map[string][]string{
	topology.Watcher:    {"SWEEP_INTERVAL=5s", "SWEEP_GRACE=5s", "STUCK_AFTER=2m"},
	topology.Aggregator: {"TRANSACTION_INTERVAL=0s", "COMPLETENESS_INTERVAL=100ms", "INCOMPLETE_AFTER=1m", "MAX_BYTES_BILLED=0"},
}

// fleet is the embedded cloud and the services, each a process.
type fleet struct {
	cloud     *program
	services  map[string]*program
	endpoints cloud.Config
	own       string // URL of the sandbox's own port
	data      string // its folder
	http      *http.Client

	mu     sync.Mutex
	plan   string // of faults
	kills  map[string]int
	frozen map[string]int
	struck map[string]map[string]int // of clouds that are gone
}

// startFleet starts everything on free ports and waits until all are ready.
func startFleet(ctx context.Context, cfg Config, say func(string, ...any)) (_ *fleet, err error) {
	f := &fleet{
		services: make(map[string]*program), data: filepath.Join(cfg.Dir, "data"), http: &http.Client{Timeout: 5 * time.Second},
		kills: make(map[string]int), frozen: make(map[string]int), struck: make(map[string]map[string]int),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	logs := filepath.Join(cfg.Dir, "logs")
	if err := errors.Join(os.MkdirAll(logs, 0o755), os.MkdirAll(f.data, 0o755)); err != nil {
		return nil, err
	}
	ports, err := local.FreePorts(5 + len(services))
	if err != nil {
		return nil, err
	}
	f.own = "http://127.0.0.1:" + strconv.Itoa(ports[4])
	say("starting the cloud")
	if f.cloud, err = startProgram(theCloud, filepath.Join(cfg.Programs, local.Sandbox), filepath.Join(logs, theCloud+".log"), f.cloudEnv(ports)); err != nil {
		return nil, err
	}
	starting, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	if err := local.AwaitReady(starting, f.own+"/readyz", f.cloud.ended); err != nil {
		return nil, fmt.Errorf("start the cloud: %w", err)
	}
	addresses := filepath.Join(f.data, local.EndpointsFile)
	if f.endpoints, _, err = local.ReadEndpoints(addresses); err != nil {
		return nil, err
	}
	variables, err := config.ReadFile(addresses)
	if err != nil {
		return nil, err
	}
	for i, name := range services {
		address := "127.0.0.1:" + strconv.Itoa(ports[5+i])
		env := append(os.Environ(), "LISTEN_ADDR="+address)
		for _, key := range slices.Sorted(maps.Keys(variables)) {
			env = append(env, key+"="+variables[key])
		}
		env = append(env, patience[name]...)
		p, err := startProgram(name, filepath.Join(cfg.Programs, name), filepath.Join(logs, name+".log"), func() []string { return env })
		if err != nil {
			return nil, err
		}
		f.services[name] = p
		if err := local.AwaitReady(starting, "http://"+address+"/readyz", p.ended); err != nil {
			return nil, fmt.Errorf("start the %s: %w", name, err)
		}
	}
	say("all services are ready")
	return f, nil
}

// cloudEnv is the environment of the cloud, always on the same ports; what the faults are
// when it starts, is part of it.
func (f *fleet) cloudEnv(ports []int) func() []string {
	env := append(os.Environ(), "SANDBOX_DATA_DIR="+f.data, "SANDBOX_GENERATE=false", "SANDBOX_REPORTS=false", "SANDBOX_SERVICES=none")
	for i, name := range []string{"PUBSUB", "STORAGE", "BIGQUERY", "BIGQUERY_STORAGE", "READY"} {
		env = append(env, "SANDBOX_"+name+"_PORT="+strconv.Itoa(ports[i]))
	}
	return func() []string {
		f.mu.Lock()
		defer f.mu.Unlock()
		return append(slices.Clip(env), "SANDBOX_FAULTS="+f.plan)
	}
}

// program is the one of a name.
func (f *fleet) program(name string) *program {
	if name == theCloud {
		return f.cloud
	}
	return f.services[name]
}

// kill kills programs at once.
func (f *fleet) kill(names ...string) {
	if slices.Contains(names, theCloud) {
		f.keepStruck()
	}
	for _, name := range names {
		if f.program(name).kill() {
			f.mu.Lock()
			f.kills[name]++
			f.mu.Unlock()
		}
	}
}

// freeze stops a program where it is.
func (f *fleet) freeze(name string) {
	if f.program(name).freeze() {
		f.mu.Lock()
		f.frozen[name]++
		f.mu.Unlock()
	}
}

// setFaults has the cloud follow a plan, now and whenever it starts again; "" ends all faults.
func (f *fleet) setFaults(ctx context.Context, plan string) error {
	f.mu.Lock()
	f.plan = plan
	f.mu.Unlock()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, f.own+"/faults", strings.NewReader(plan))
	if err != nil {
		return err
	}
	response, err := f.http.Do(request)
	if err != nil {
		return nil //nolint:nilerr // it is away, and begins with the plan when it is back
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("the cloud refuses the plan of faults: %s", text)
	}
	return nil
}

// keepStruck adds what faults have struck in this life of the cloud to what is kept.
func (f *fleet) keepStruck() {
	f.cloud.thaw()
	response, err := f.http.Get(f.own + "/faults/struck")
	if err != nil {
		return // it is away; what this life had is not known
	}
	defer response.Body.Close()
	counts := make(map[string]map[string]int)
	if json.NewDecoder(response.Body).Decode(&counts) != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for method, kinds := range counts {
		method = methodOf(method)
		if f.struck[method] == nil {
			f.struck[method] = make(map[string]int)
		}
		for kind, n := range kinds {
			f.struck[method][kind] += n
		}
	}
}

// methodOf is a method's name in the report: jobs are counted by their service.
func methodOf(method string) string {
	if rest, isJob := strings.CutPrefix(method, "bigquery.job."); isJob {
		service, _, _ := strings.Cut(rest, ".")
		return "bigquery.job." + service
	}
	return method
}

// fill has the cloud's disk take nothing more, or again. A cloud that is started anew has room.
func (f *fleet) fill(full bool) error {
	pid := f.cloud.pid()
	if pid == 0 {
		return nil
	}
	room := uint64(noLimit)
	if full {
		room = 0
	}
	return setRoom(pid, room)
}

// calm ends every blow, has all run that is to run, and waits until all of it is ready.
func (f *fleet) calm(ctx context.Context) error {
	f.cloud.thaw()
	f.cloud.letGo()
	for _, p := range f.services {
		p.thaw()
		p.letGo()
	}
	err := errors.Join(f.fill(false), f.setFaults(ctx, ""))
	ready, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	if err := errors.Join(err, local.AwaitReady(ready, f.own+"/readyz", f.cloud.ended)); err != nil {
		return fmt.Errorf("have the cloud ready: %w", err)
	}
	return f.setFaults(ctx, "") // of one that started with the plan of before
}

// close stops the services, and then the cloud.
func (f *fleet) close() error {
	var faults []error
	for _, name := range services {
		if p := f.services[name]; p != nil {
			faults = append(faults, p.stop(drainWithin))
		}
	}
	if f.cloud != nil {
		faults = append(faults, f.cloud.stop(drainWithin))
	}
	return errors.Join(faults...)
}
