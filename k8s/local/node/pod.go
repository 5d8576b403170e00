package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
)

// Waits before a process is started again, doubling while it does not last.
const (
	firstRestart = 100 * time.Millisecond
	lastRestart  = 5 * time.Second
	// lasted is how long a process runs that did not fail at its start.
	lasted = 10 * time.Second
)

// Pod is one replica of a Deployment: a process, and whatever it takes to keep one running.
type Pod struct {
	// Name is the Deployment's with the replica's number.
	Name string

	program   string
	container *corev1.Container
	variables []string
	dir       string
	ports     map[string]int
	grace     time.Duration
	output    *output
	log       *slog.Logger

	running context.Context // ends when the pod is to end
	stop    context.CancelFunc
	ended   chan struct{}
	result  error // how it ended, once ended is closed

	ready    atomic.Bool
	restarts atomic.Int64

	mu      sync.Mutex
	process *os.Process // of now; nil between two
	usage   Usage
}

// Usage is what a pod's processes have taken, those that have ended.
type Usage struct {
	CPU        time.Duration
	PeakMemory int64 // bytes resident, of the largest
}

func (n *Node) newPod(d *appsv1.Deployment, replica int) (*Pod, error) {
	spec := d.Spec.Template.Spec
	if len(spec.Containers) != 1 {
		return nil, errors.New("a pod of several containers cannot be a process")
	}
	container := &spec.Containers[0]
	p := &Pod{
		Name: fmt.Sprintf("%s-%d", d.Name, replica), container: container,
		grace: time.Duration(*spec.TerminationGracePeriodSeconds) * time.Second,
		ended: make(chan struct{}), log: n.config.Log.With("pod", fmt.Sprintf("%s-%d", d.Name, replica)),
	}
	var ok bool
	if p.program, ok = n.config.Programs[container.Image]; !ok {
		return nil, fmt.Errorf("no program is known for the image %s", container.Image)
	}
	var err error
	if p.ports, err = n.ports.of(d.Name, replica, container); err != nil {
		return nil, err
	}
	environment, err := n.set.Environment(container)
	if err != nil {
		return nil, err
	}
	mounts := make(map[string]string) // folders of this machine, by mount path
	for _, m := range container.VolumeMounts {
		i := slices.IndexFunc(spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name })
		claim := ""
		if c := spec.Volumes[i].PersistentVolumeClaim; c != nil {
			claim = c.ClaimName
		}
		if mounts[m.MountPath], err = n.volume(p.Name, m.Name, claim); err != nil {
			return nil, err
		}
	}
	for name, value := range environment {
		environment[name] = n.ports.translate(mounted(mounts, value))
	}
	maps.Copy(environment, n.ports.variables(container.Image, p.ports))
	maps.Copy(environment, n.config.Variables[d.Name])
	for name, value := range environment {
		p.variables = append(p.variables, name+"="+value)
	}
	// A container sees nothing of the machine; a process needs its way to temporary files.
	p.variables = append(p.variables, "TMPDIR="+os.TempDir())
	if p.dir, err = n.volume(p.Name, "root", ""); err != nil {
		return nil, err
	}
	if p.output, err = n.log(p.Name); err != nil {
		return nil, err
	}
	p.running, p.stop = context.WithCancel(n.running)
	return p, nil
}

// mounted makes a path in a volume one of this machine.
func mounted(mounts map[string]string, value string) string {
	for path, dir := range mounts {
		if value == path || strings.HasPrefix(value, path+"/") {
			return filepath.Join(dir, strings.TrimPrefix(value, path))
		}
	}
	return value
}

// Ready tells what the readiness probe said last.
func (p *Pod) Ready() bool { return p.ready.Load() }

// Restarts counts the processes after the first.
func (p *Pod) Restarts() int64 { return p.restarts.Load() }

// Address is where one of its named ports is on this machine.
func (p *Pod) Address(port string) string { return fmt.Sprintf("%s:%d", host, p.ports[port]) }

// Usage is what its processes have taken, once it has ended or been restarted.
func (p *Pod) Usage() Usage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.usage
}

// Kill ends the process with no chance to clean up, as a node that is lost or a kernel
// short of memory does. The pod starts another.
func (p *Pod) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil {
		return fmt.Errorf("%s has no process to kill", p.Name)
	}
	p.ready.Store(false)
	return p.process.Kill()
}

// end stops the pod for good and tells how its process took it.
func (p *Pod) end() error {
	p.stop()
	<-p.ended
	return p.result
}

// run keeps a process running until the pod is stopped.
func (p *Pod) run() {
	defer close(p.ended)
	defer p.output.Close()
	wait := firstRestart
	for {
		started := time.Now()
		err := p.runOnce()
		p.ready.Store(false)
		if p.running.Err() != nil {
			p.result = err
			return
		}
		p.log.Warn("process ended and is started again", "error", err, "last_line", p.output.lastLine())
		p.restarts.Add(1)
		if time.Since(started) > lasted {
			wait = firstRestart
		}
		if sleep.For(p.running, wait) != nil {
			return
		}
		wait = min(2*wait, lastRestart)
	}
}

// runOnce runs one process to its end. If the pod was stopped meanwhile, the result is
// nil after a clean end within the grace period.
func (p *Pod) runOnce() error {
	command := exec.Command(p.program, p.container.Args...)
	command.Env, command.Dir = p.variables, p.dir
	command.Stdout, command.Stderr = p.output.File, p.output.File
	command.SysProcAttr = attributes()
	// A child dies with the thread that started it, so this one has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := errors.Join(p.output.begin(), command.Start()); err != nil {
		return err
	}
	p.mu.Lock()
	p.process = command.Process
	p.mu.Unlock()
	exited := make(chan error, 1)
	go func() { exited <- command.Wait() }()
	probing, stopProbing := context.WithCancel(p.running)
	dead := make(chan error, 1)
	var probes sync.WaitGroup
	probes.Go(func() { dead <- p.probe(probing) })
	var err error
	select {
	case err = <-exited:
	case fault := <-dead:
		err = errors.Join(fault, p.terminate(command, exited))
	case <-p.running.Done():
		err = p.terminate(command, exited)
	}
	stopProbing()
	probes.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.process = nil
	p.usage.add(command.ProcessState)
	return err
}

// terminate asks the process to end, and ends it when its grace period is over.
func (p *Pod) terminate(command *exec.Cmd, exited <-chan error) error {
	_ = command.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case err := <-exited:
		if err != nil {
			return fmt.Errorf("%s did not end cleanly: %w", p.Name, err)
		}
		return nil
	case <-time.After(p.grace):
		_ = command.Process.Kill()
		<-exited
		return fmt.Errorf("%s did not end within %v", p.Name, p.grace)
	}
}

func (u *Usage) add(state *os.ProcessState) {
	u.CPU += state.UserTime() + state.SystemTime()
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		u.PeakMemory = max(u.PeakMemory, peakMemory(usage))
	}
}
