package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// deadline bounds a wait.
const deadline = time.Minute

// The test's own executable is also the program that its pods run.
func TestMain(m *testing.M) {
	if os.Getenv("RUNNER") != "" {
		os.Exit(runner())
	}
	if os.Getenv("PROGRAM") != "" {
		os.Exit(program())
	}
	os.Exit(m.Run())
}

// runner starts a pod as the tests do, tells its process's id and waits to be killed.
func runner() int {
	n, err := Start(podSet(60), Config{
		Dir: os.Getenv("DIR"), Programs: map[string]string{"p": os.Getenv("SELF")}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return 1
	}
	if err := n.AwaitReady(context.Background()); err != nil {
		return 1
	}
	fmt.Println(n.Pods("p")[0].Address("http"))
	select {}
}

// program serves health and readiness, and obeys /sick (no longer healthy), /busy (not
// ready) and /exit. With STUBBORN it hears no SIGTERM; with BROKEN it ends at once.
func program() int {
	if complaint := os.Getenv("BROKEN"); complaint != "" {
		fmt.Fprintf(os.Stderr, "starting\n%s\n", complaint)
		return 2
	}
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	var sick, busy atomic.Bool
	answer := func(bad *atomic.Bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if bad.Load() {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}
	}
	exit := make(chan int)
	http.HandleFunc("/healthz", answer(&sick))
	http.HandleFunc("/readyz", answer(&busy))
	http.HandleFunc("/sick", func(http.ResponseWriter, *http.Request) { sick.Store(true) })
	http.HandleFunc("/busy", func(http.ResponseWriter, *http.Request) { busy.Store(true) })
	http.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) { exit <- 3 })
	http.HandleFunc("/env", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Join(os.Environ(), "\n"))) })
	go func() { _ = http.ListenAndServe(os.Getenv(addressVariable), nil) }()
	for {
		select {
		case code := <-exit:
			return code
		case <-terminated:
			if os.Getenv("STUBBORN") == "" {
				return 0
			}
		}
	}
}

func probe(path string) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("http")}},
		PeriodSeconds: 1, TimeoutSeconds: 5, FailureThreshold: 2,
	}
}

// podSet is a Deployment of one pod of the program, and its Service.
func podSet(grace int64) *manifest.Set {
	labels := map[string]string{"app": "p"}
	startup := probe("/healthz")
	startup.FailureThreshold = 60
	return &manifest.Set{
		Services: []corev1.Service{{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: corev1.ServiceSpec{
			Selector: labels, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromString("http")}},
		}}},
		ConfigMaps: []corev1.ConfigMap{{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Data: map[string]string{
			"PROGRAM": "yes", "PEER": "p:80", "PEER_NAME": "p", "FOLDER": "/data/x", "OTHER": "elsewhere:80",
		}}},
		Deployments: []appsv1.Deployment{{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: labels},
			Spec: corev1.PodSpec{
				TerminationGracePeriodSeconds: &grace,
				Volumes:                       []corev1.Volume{{Name: "data"}},
				Containers: []corev1.Container{{
					Name: "p", Image: "p", Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
					EnvFrom:      []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "c"}}}},
					VolumeMounts: []corev1.VolumeMount{{Name: "data", MountPath: "/data"}},
					StartupProbe: startup, LivenessProbe: probe("/healthz"), ReadinessProbe: probe("/readyz"),
				}},
			},
		}}}},
	}
}

// start runs one pod of the program, with variables besides those that it needs. To
// end it has a minute or, if it is stubborn, a second.
func start(t *testing.T, variables map[string]string) (*Node, *Pod) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	grace := int64(60)
	if variables["STUBBORN"] != "" {
		grace = 1
	}
	n, err := Start(podSet(grace), Config{
		Dir: t.TempDir(), Programs: map[string]string{"p": self}, Variables: map[string]map[string]string{"p": variables},
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	if err := n.AwaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	return n, n.Pods("p")[0]
}

// tell asks the program for a page and returns what it says.
func tell(t *testing.T, pod *Pod, path string) string {
	t.Helper()
	response, err := http.Get("http://" + pod.Address("http") + path)
	if err != nil {
		return "" // it was told to exit
	}
	defer response.Body.Close()
	var text strings.Builder
	if err := response.Write(&text); err != nil && path != "/exit" {
		t.Fatal(err)
	}
	return text.String()
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for !done() {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s: not within %v", what, deadline)
		}
	}
}

// TestRestarts: whatever ends a process, another takes its place.
func TestRestarts(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *Pod){
		"killed":         func(t *testing.T, p *Pod) { _ = p.Kill() },
		"ended":          func(t *testing.T, p *Pod) { tell(t, p, "/exit") },
		"no longer well": func(t *testing.T, p *Pod) { tell(t, p, "/sick") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, pod := start(t, nil)
			end(t, pod)
			await(t, "another process is ready", func() bool { return pod.Restarts() == 1 && pod.Ready() })
			if u := pod.Usage(); u.PeakMemory == 0 {
				t.Error("the first process has taken no memory")
			}
		})
	}
}

// TestReadiness: a pod that is not ready is left alone.
func TestReadiness(t *testing.T) {
	t.Parallel()
	n, pod := start(t, nil)
	tell(t, pod, "/busy")
	await(t, "the pod is not ready", func() bool { return !pod.Ready() })
	if n.NotReady() == nil || pod.Restarts() != 0 {
		t.Errorf("not ready: %v, restarts: %d", n.NotReady(), pod.Restarts())
	}
}

// TestClose: a process has its grace period, and it is told of one that needs more.
func TestClose(t *testing.T) {
	t.Parallel()
	n, _ := start(t, nil)
	if err := n.Close(); err != nil {
		t.Errorf("a process that ends cleanly: %v", err)
	}
	n, pod := start(t, map[string]string{"STUBBORN": "yes"})
	if err := n.Close(); err == nil || !strings.Contains(err.Error(), pod.Name+" did not end within") {
		t.Errorf("a process that does not end: %v", err)
	}
}

// TestEnvironment: what names something of the cluster names its place on this machine,
// and nothing of this machine's environment comes along.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	n, pod := start(t, nil)
	address, err := n.Address("p", 80)
	if err != nil {
		t.Fatal(err)
	}
	if address != pod.Address("http") {
		t.Errorf("the service is at %s, its pod at %s", address, pod.Address("http"))
	}
	text := tell(t, pod, "/env")
	for _, line := range []string{"PEER=" + address, "PEER_NAME=127.0.0.1", "OTHER=elsewhere:80", addressVariable + "=" + address} {
		if !strings.Contains(text, line+"\n") && !strings.HasSuffix(text, line) {
			t.Errorf("%s is missing in %s", line, text)
		}
	}
	if !strings.Contains(text, "/pods/p-0/data/x") {
		t.Errorf("the volume's path is not translated in %s", text)
	}
	if strings.Contains(text, "\nHOME=") {
		t.Errorf("this machine's environment came along: %s", text)
	}
}

// TestScale: each replica has a port of its own.
func TestTranslate(t *testing.T) {
	t.Parallel()
	p := &ports{services: map[string]map[int32]string{"parser": {80: "127.0.0.1:7001"}, "sandbox": {8085: "127.0.0.1:7002"}}}
	for value, want := range map[string]string{
		"sandbox:8085": "127.0.0.1:7002",
		"sandbox":      "127.0.0.1",
		"sandbox:1":    "sandbox:1",
		"15m":          "15m",
		"a,b":          "a,b",
		"parser=http://parser,cloud=http://sandbox:8085,other=http://other:80": "parser=http://127.0.0.1:7001,cloud=http://127.0.0.1:7002,other=http://other:80",
	} {
		if got := p.translate(value); got != want {
			t.Errorf("%s became %s, want %s", value, got, want)
		}
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	n, _ := start(t, nil)
	if err := n.Scale("p", 2); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	if err := n.AwaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	pods := n.Pods("p")
	if len(pods) != 2 || pods[0].Address("http") == pods[1].Address("http") {
		t.Fatalf("the pods are %v", pods)
	}
	if err := n.Scale("p", 1); err != nil {
		t.Fatal(err)
	}
	_, err := net.Dial("tcp", pods[1].Address("http"))
	if err == nil || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the second pod's port: %v", err)
	}
}

// TestBrokenPodSaysWhy: what a process said last stands in the runner's own log.
func TestBrokenPodSaysWhy(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var log syncBuffer
	n, err := Start(podSet(60), Config{
		Dir: t.TempDir(), Programs: map[string]string{"p": self}, Variables: map[string]map[string]string{"p": {"BROKEN": "PROJECT_ID must be set"}},
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	await(t, "the reason is told", func() bool { return strings.Contains(log.String(), `last_line="PROJECT_ID must be set"`) })
}

type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestInterruptReachesTheRunnerAlone: a process is in no group of the runner's, to which the
// terminal sends an interrupt.
func TestInterruptReachesTheRunnerAlone(t *testing.T) {
	t.Parallel()
	_, pod := start(t, nil)
	pod.mu.Lock()
	defer pod.mu.Unlock()
	group, err := syscall.Getpgid(pod.process.Pid)
	if err != nil || group != pod.process.Pid || group == syscall.Getpgrp() {
		t.Errorf("the process is in group %d (%v), the runner in %d", group, err, syscall.Getpgrp())
	}
}
