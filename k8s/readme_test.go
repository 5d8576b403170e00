package k8s

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// TestTearDown: what the README has somebody make by hand, it has them delete again.
func TestTearDown(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(manifest.Root(), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, deploy, _ := strings.Cut(string(text), "\n### The commands, in order\n")
	deploy, _, _ = strings.Cut(deploy, "\n### Provision\n")
	_, down, _ := strings.Cut(string(text), "\n### Tear down\n")
	down, _, _ = strings.Cut(down, "\n### ")
	made := regexp.MustCompile(`gcloud ([a-z][a-z -]*) create(?:-auto)? ([a-z-]+)`).FindAllStringSubmatch(deploy, -1)
	if len(made) < 6 {
		t.Fatalf("the README makes %q", made)
	}
	for _, m := range made {
		if want := "gcloud " + m[1] + " delete " + m[2]; !strings.Contains(down, want) {
			t.Errorf("%s is never followed by %s", m[0], want)
		}
	}
	if !strings.Contains(down, "gcloud projects remove-iam-policy-binding ") {
		t.Error("bindings on the project are left")
	}
	balancer, cluster := strings.Index(down, "kubectl wait --for=delete namespace/order-pipeline"), strings.Index(down, "gcloud container clusters delete")
	if balancer < 0 || cluster < balancer {
		t.Error("the cluster is deleted before its load balancer")
	}
}
