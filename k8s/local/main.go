// Local runs the sandbox overlay without a cluster: each pod a process of this machine,
// with the variables, volumes and probes of the manifests. Interrupt it to end them all;
// it then says what each has taken.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/zackkki/ecomm_datapipeline/k8s/images"
	"github.com/zackkki/ecomm_datapipeline/k8s/local/node"
	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

const overlay = "sandbox"

// dashboard is the Deployment that a person looks at.
const dashboard = topology.Reporter

func main() {
	dir := flag.String("dir", ".sandbox-pods", "folder of programs, volumes and logs; the data in it survive a restart")
	replicas := flag.Int("replicas", 0, "pods of each service; 0: as the manifests say")
	generate := flag.Bool("generate", true, "let the sandbox land sample files")
	flag.Parse()
	ctx, stop := service.SignalContext()
	defer stop()
	if err := run(ctx, *dir, *replicas, *generate); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(os.Stderr, "local: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, replicas int, generate bool) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	set, err := manifest.Render(overlay)
	if err != nil {
		return err
	}
	fmt.Println("  Building the programs; the first time takes minutes.")
	programs, err := images.Build(ctx, overlay, filepath.Join(dir, "programs"))
	if err != nil {
		return err
	}
	config := node.Config{
		Dir: dir, Programs: programs, Replicas: make(map[string]int), Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Variables: map[string]map[string]string{overlay: {"SANDBOX_GENERATE": fmt.Sprint(generate)}},
	}
	for _, d := range set.Deployments {
		if replicas > 0 && d.Name != overlay {
			config.Replicas[d.Name] = replicas
		}
	}
	n, err := node.Start(set, config)
	if err != nil {
		return err
	}
	var pods []*node.Pod
	err = n.AwaitReady(ctx)
	if err == nil {
		pods = guide(os.Stdout, n, dir)
		<-ctx.Done()
	}
	err = errors.Join(err, n.Close())
	account(os.Stdout, pods)
	return err
}

// guide says where everything is, and lists the pods.
func guide(w io.Writer, n *node.Node, dir string) []*node.Pod {
	var pods []*node.Pod
	fmt.Fprintf(w, "\n  The pods are ready.\n\n")
	if of := n.Pods(dashboard); len(of) > 0 {
		fmt.Fprintf(w, "  Dashboard      http://%s\n", of[0].Address("http"))
	}
	for _, name := range n.Deployments() {
		for _, pod := range n.Pods(name) {
			pods = append(pods, pod)
			fmt.Fprintf(w, "  %-14s http://%s\n", pod.Name, pod.Address("http"))
		}
	}
	fmt.Fprintf(w, "\n  Logs           %s\n", filepath.Join(dir, "logs"))
	fmt.Fprintf(w, "  Endpoints      %s\n", filepath.Join(dir, "claims", overlay, "endpoints.env"))
	fmt.Fprintf(w, "\n  Kill any of them, with -9; it comes back. Ctrl-C ends them all; the data stay.\n\n")
	return pods
}

// account says what the pods' processes have taken.
func account(w io.Writer, pods []*node.Pod) {
	for _, pod := range pods {
		u := pod.Usage()
		fmt.Fprintf(w, "  %-14s %7.1f s of CPU  %5d MiB at most  %d restarts\n", pod.Name, u.CPU.Seconds(), u.PeakMemory>>20, pod.Restarts())
	}
}
