// Package node runs Deployments as processes of this machine, the way a node of a
// cluster runs them as pods: with the variables, arguments, volumes and probes of the
// manifests. Names of Services become ports of the loopback interface; a process that
// ends, or that its liveness probe finds dead, is started again.
//
// It knows what a node does and nothing of the pipeline, but for the names of the
// variables by which a program is told its ports (ports.go): pods have an address each,
// processes share one. It is no sandbox: limits, security contexts and network policies
// are the cluster's to enforce.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// Config says what to run.
type Config struct {
	// Dir holds the volumes, and the log of each process.
	Dir string
	// Programs are the executables by image name.
	Programs map[string]string
	// Replicas overrides the manifests' numbers, by Deployment.
	Replicas map[string]int
	// Variables override those of the manifests, by Deployment.
	Variables map[string]map[string]string
	Log       *slog.Logger
}

// Node runs pods until it is closed. Its methods are safe for concurrent use.
type Node struct {
	config Config
	set    *manifest.Set
	ports  *ports

	running context.Context
	stop    context.CancelFunc
	tasks   sync.WaitGroup

	mu     sync.Mutex
	pods   map[string][]*Pod // by Deployment
	faults []error           // of pods that ended badly when they were told to end
}

// Start starts every Deployment of the set; the pods get ready in their own time.
func Start(set *manifest.Set, config Config) (*Node, error) {
	ports, err := newPorts(set)
	if err != nil {
		return nil, err
	}
	n := &Node{config: config, set: set, ports: ports, pods: make(map[string][]*Pod)}
	n.running, n.stop = context.WithCancel(context.Background())
	for _, d := range set.Deployments {
		replicas := 1
		if d.Spec.Replicas != nil {
			replicas = int(*d.Spec.Replicas)
		}
		if of, ok := config.Replicas[d.Name]; ok {
			replicas = of
		}
		if err := n.Scale(d.Name, replicas); err != nil {
			return nil, errors.Join(err, n.Close())
		}
	}
	return n, nil
}

// Scale starts or ends pods of a Deployment until there are as many as are asked for.
// It waits for those that end.
func (n *Node) Scale(deployment string, replicas int) error {
	i := slices.IndexFunc(n.set.Deployments, func(d appsv1.Deployment) bool { return d.Name == deployment })
	if i < 0 {
		return fmt.Errorf("there is no deployment %s", deployment)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(n.pods[deployment]) < replicas {
		pod, err := n.newPod(&n.set.Deployments[i], len(n.pods[deployment]))
		if err != nil {
			return fmt.Errorf("start a pod of %s: %w", deployment, err)
		}
		n.pods[deployment] = append(n.pods[deployment], pod)
		n.tasks.Go(pod.run)
	}
	for len(n.pods[deployment]) > replicas {
		last := len(n.pods[deployment]) - 1
		pod := n.pods[deployment][last]
		n.pods[deployment] = n.pods[deployment][:last]
		if err := pod.end(); err != nil {
			n.faults = append(n.faults, err)
		}
	}
	return nil
}

// Deployments are the names of what runs.
func (n *Node) Deployments() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(maps.Keys(n.pods))
}

// Pods are those of a Deployment, in the order of their start.
func (n *Node) Pods(deployment string) []*Pod {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.pods[deployment])
}

// NotReady joins what keeps pods from being ready now.
func (n *Node) NotReady() error {
	var faults []error
	for _, name := range n.Deployments() {
		for _, pod := range n.Pods(name) {
			if !pod.Ready() {
				faults = append(faults, fmt.Errorf("%s is not ready", pod.Name))
			}
		}
	}
	return errors.Join(faults...)
}

// AwaitReady returns when every pod is ready, or ctx is done.
func (n *Node) AwaitReady(ctx context.Context) error {
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for {
		fault := n.NotReady()
		if fault == nil {
			return nil
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), fault)
		}
	}
}

// Address is where a Service's port is reached on this machine, host:port.
func (n *Node) Address(service string, port int32) (string, error) {
	return n.ports.service(service, port)
}

// Close ends every pod, services before what they depend on, and reports those that
// did not end by themselves within their grace period, or ended with a failure.
func (n *Node) Close() error {
	names := n.Deployments()
	// What others reach by a Service goes last.
	slices.SortStableFunc(names, func(a, b string) int { return n.dependents(a) - n.dependents(b) })
	for _, name := range names {
		if err := n.Scale(name, 0); err != nil {
			return err
		}
	}
	n.stop()
	n.tasks.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	return errors.Join(n.faults...)
}

// dependents counts the Deployments whose variables name a Service of this one.
func (n *Node) dependents(name string) int {
	count := 0
	for _, d := range n.set.Deployments {
		environment, err := n.set.Environment(&d.Spec.Template.Spec.Containers[0])
		if err != nil || d.Name == name {
			continue
		}
		for _, value := range environment {
			if n.ports.names(value) == name {
				count++
				break
			}
		}
	}
	return count
}

// volume is a folder of this machine that stands for a pod's volume. A claim's is the
// same for every pod and start; any other is the pod's own.
func (n *Node) volume(pod, volume, claim string) (string, error) {
	dir := filepath.Join(n.config.Dir, "pods", pod, volume)
	if claim != "" {
		dir = filepath.Join(n.config.Dir, "claims", claim)
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// log opens the file that a pod's output goes to, across its restarts.
func (n *Node) log(pod string) (*output, error) {
	dir := filepath.Join(n.config.Dir, "logs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, pod+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &output{File: file}, nil
}
