// The tests run the sandbox overlay as processes of their own and take them away under
// load, one after the other and in pairs.
package main

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/json"
	"net/http"
	"os/exec"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/k8s/images"
	"github.com/zackkki/ecomm_datapipeline/k8s/local/node"
	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// verify checks the invariants and compares every number with the model's.
func (c *cluster) verify(t *testing.T) {
	t.Helper()
	c.awaitQuiet(t)
	differences, err := verify.Compare(t.Context(), c.clients, c.sources, reference.Policy{MaxDeactivateShare: 0.2, MaxFindings: 100})
	if err != nil {
		t.Fatal(err)
	}
	violations, err := verify.Invariants(t.Context(), c.clients)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range append(differences, violations...) {
		t.Error(v)
	}
}

// TestProcesses runs the overlay as it is deployed, under load, and kills each pod in
// turn, the embedded cloud's too; then two pods of each service, of which one is killed;
// then it ends the second ones as a rollout does. The outcome is that of a quiet day.
//
// Nothing is waited for in between, so that the faults meet each other; the last wait is
// for the messages of killed pods, which Pub/Sub gives to others after
// topology.AckDeadline, a minute.
func TestProcesses(t *testing.T) {
	set, err := manifest.Render(overlay)
	if err != nil {
		t.Fatal(err)
	}
	programs, err := images.Build(t.Context(), overlay, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	checkSandboxVariables(t, set, programs[overlay])
	checkStatic(t, programs)
	c := startCluster(t, set, programs)
	c.checkSystemPage(t)
	landCatalogs(t, c)
	services := c.killEach(t)
	for _, name := range services {
		if err := c.Scale(name, 2); err != nil {
			t.Fatal(err)
		}
	}
	c.awaitReady(t)
	for _, name := range services {
		c.landOrders(t, 2, 1000)
		kill(t, c, c.Pods(name)[1])
	}
	c.awaitReady(t)
	// A rollout: pods go with their work in hand.
	c.landOrders(t, 4, 1000)
	for _, name := range services {
		if err := c.Scale(name, 1); err != nil {
			t.Fatal(err)
		}
	}
	c.verify(t)
}

// checkSystemPage: the reporter finds the other services by the names of the manifests.
func (c *cluster) checkSystemPage(t *testing.T) {
	t.Helper()
	address, err := c.Address("reporter", 80)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v1/services", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var page struct {
		Rows []struct{ Service, State string } `json:"rows"`
	}
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil {
		t.Fatal(err)
	}
	ready := 0
	for _, row := range page.Rows {
		if row.State == "ready" {
			ready++
		}
	}
	if ready != 5 {
		t.Errorf("the System page shows %v, want four services and the warehouse, all ready", page.Rows)
	}
}

// killEach kills the pod of each Deployment when it has work in hand, and names those
// that are the pipeline's own.
func (c *cluster) killEach(t *testing.T) (services []string) {
	t.Helper()
	for _, name := range c.Deployments() {
		if name != overlay {
			services = append(services, name)
		}
		before, err := c.count(t.Context(), staged)
		if err != nil {
			t.Fatal(err)
		}
		c.landOrders(t, 3, 1000)
		c.await(t, staged, before+500) // the files are on their way
		kill(t, c, c.Pods(name)[0])
		c.awaitReady(t)
	}
	return services
}

func landCatalogs(t *testing.T, c *cluster) {
	t.Helper()
	var products, customers bytes.Buffer
	if _, err := generate.WriteProducts(&products, generate.CatalogOptions{Count: generate.DefaultProducts}); err != nil {
		t.Fatal(err)
	}
	if _, err := generate.WriteCustomers(&customers, generate.CatalogOptions{Count: generate.DefaultCustomers, Today: time.Now()}); err != nil {
		t.Fatal(err)
	}
	c.land(t, "products/products.csv", products.Bytes())
	c.land(t, "customers/customers.csv", customers.Bytes())
}

// kill takes a pod's process away, and expects another in its place.
func kill(t *testing.T, c *cluster, pod *node.Pod) {
	t.Helper()
	before := pod.Restarts()
	if err := pod.Kill(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for pod.Restarts() == before {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s was not started again", pod.Name)
		}
	}
}

// checkStatic: the programs run on a base image that has no dynamic linker.
func checkStatic(t *testing.T, programs map[string]string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return // they are other files elsewhere, and images are built for Linux
	}
	for image, path := range programs {
		program, err := elf.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, segment := range program.Progs {
			if segment.Type == elf.PT_INTERP {
				t.Errorf("%s is linked dynamically", image)
			}
		}
		if err := program.Close(); err != nil {
			t.Error(err)
		}
	}
}

// checkSandboxVariables: each of the sandbox's variables is one that it prints with -h.
func checkSandboxVariables(t *testing.T, set *manifest.Set, program string) {
	t.Helper()
	table, err := exec.CommandContext(t.Context(), program, "-h").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, table)
	}
	known := map[string]bool{"GOMEMLIMIT": true} // the runtime's
	for _, match := range regexp.MustCompile(`(?m)^[A-Z][A-Z_]+`).FindAllString(string(table), -1) {
		known[match] = true
	}
	for _, d := range set.Deployments {
		if d.Name != overlay {
			continue
		}
		environment, err := set.Environment(&d.Spec.Template.Spec.Containers[0])
		if err != nil {
			t.Fatal(err)
		}
		for name := range environment {
			if !known[name] {
				t.Errorf("the sandbox does not read %s", name)
			}
		}
		for _, name := range []string{"SANDBOX_HOST", "SANDBOX_DATA_DIR", "SANDBOX_SERVICES"} {
			if environment[name] == "" {
				t.Errorf("%s is not set", name)
			}
		}
	}
}
