package storm

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// program is a process that is started again whenever it ends, as a cluster would do.
type program struct {
	name, path string
	env        func() []string // of the next start
	log        *os.File

	mu      sync.Mutex
	running *exec.Cmd // nil between two lives
	frozen  bool
	held    bool // not started again until it is released
	killed  bool // the end of this life is ours
	ending  bool // for good
	release chan struct{}
	ended   chan struct{} // closed when it has ended for good
	deaths  int           // that nobody caused
}

const (
	// restartAfter is how long a process stays away that was killed.
	restartAfter = 300 * time.Millisecond
	// restartAfterFault is the same for one that ended by itself.
	restartAfterFault = time.Second
)

// startProgram starts a program and keeps it running.
func startProgram(name, path, log string, env func() []string) (*program, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	p := &program{name: name, path: path, env: env, log: file, release: make(chan struct{}), ended: make(chan struct{})}
	go p.live()
	return p, nil
}

// live starts the program again and again. The thread is its own, because a child is told
// to die with the thread that made it (child).
func (p *program) live() {
	runtime.LockOSThread()
	defer close(p.ended)
	defer p.log.Close()
	for {
		command := exec.Command(p.path)
		command.Env, command.Stdout, command.Stderr, command.SysProcAttr = p.env(), p.log, p.log, child()
		err := p.begin(command)
		if err == nil {
			err = command.Wait()
		}
		pause, again := p.end(err)
		if !again {
			return
		}
		time.Sleep(pause)
		<-p.released()
	}
}

func (p *program) begin(command *exec.Cmd) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ending {
		return nil
	}
	if err := command.Start(); err != nil {
		fmt.Fprintf(p.log, "storm: %v\n", err)
		return err
	}
	p.running = command
	return nil
}

// end notes the end of a life, and tells whether there is another and after how long.
func (p *program) end(err error) (pause time.Duration, again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pause = restartAfter
	if !p.killed && !p.ending {
		p.deaths++
		pause = restartAfterFault
		fmt.Fprintf(p.log, "storm: %s ended by itself: %v\n", p.name, err)
	}
	p.running = nil
	p.frozen, p.killed = false, false
	return pause, !p.ending
}

// released gives what is closed as soon as the program may be started.
func (p *program) released() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.held || p.ending {
		open := make(chan struct{})
		close(open)
		return open
	}
	return p.release
}

// kill ends the process with no chance to clean up, and tells whether one was running.
func (p *program) kill() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.killed {
		return false
	}
	p.killed = true
	return p.running.Process.Kill() == nil
}

// hold keeps the program from being started again, until it is let go.
func (p *program) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held, p.release = true, make(chan struct{})
}

func (p *program) letGo() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held {
		p.held = false
		close(p.release)
	}
}

// freeze stops the process where it is, until it is thawed; it tells whether one was running.
func (p *program) freeze() bool { return p.signal(syscall.SIGSTOP, true) }

func (p *program) thaw() bool { return p.signal(syscall.SIGCONT, false) }

func (p *program) signal(signal os.Signal, frozen bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.killed || p.frozen == frozen || p.running.Process.Signal(signal) != nil {
		return false
	}
	p.frozen = frozen
	return true
}

// pid is that of the running process; 0: none.
func (p *program) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.killed {
		return 0
	}
	return p.running.Process.Pid
}

// stop ends the program for good: with a signal, or by force if it does not drain in time.
func (p *program) stop(within time.Duration) error {
	p.mu.Lock()
	p.ending = true
	if p.running != nil {
		_ = p.running.Process.Signal(syscall.SIGCONT) // one that is gone already
		_ = p.running.Process.Signal(syscall.SIGTERM)
	}
	p.mu.Unlock()
	p.letGo()
	select {
	case <-p.ended:
		return nil
	case <-time.After(within):
	}
	p.mu.Lock()
	if p.running != nil {
		_ = p.running.Process.Kill()
	}
	p.mu.Unlock()
	<-p.ended
	return fmt.Errorf("the %s did not end within %v and was killed", p.name, within)
}

// died is how often it ended by itself.
func (p *program) died() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.deaths
}
