package k8s

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// guide is the part of README.md under a heading.
func guide(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(manifest.Root(), "k8s", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("the guide has no %q", heading)
	}
	part, _, _ = strings.Cut(part, "\n## ")
	return part
}

// commands are the shell blocks of a part.
func commands(part string) (blocks []string) {
	for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(part, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

var guideParts = []string{"The commands, in order", "Upgrade, with messages in flight", "Tear down"}

// TestTearDown: what the guide has somebody make by hand, it has them delete again.
func TestTearDown(t *testing.T) {
	t.Parallel()
	deploy, down := guide(t, "The commands, in order"), guide(t, "Tear down")
	made := regexp.MustCompile(`gcloud ([a-z][a-z -]*) create(?:-auto)? ([a-z-]+|\$CLUSTER)`).FindAllStringSubmatch(deploy, -1)
	if len(made) < 6 {
		t.Fatalf("the guide makes %q", made)
	}
	for _, m := range made {
		if want := "gcloud " + m[1] + " delete " + m[2]; !strings.Contains(down, want) {
			t.Errorf("%s is never followed by %s", m[0], want)
		}
	}
	for _, m := range regexp.MustCompile(`-n ([a-z-]+) create secret generic ([a-z-]+)`).FindAllStringSubmatch(deploy, -1) {
		if !strings.Contains(down, "-n "+m[1]+" delete secret "+m[2]) && !strings.Contains(down, "the Secret "+m[2]) {
			t.Errorf("nothing is said of what becomes of the Secret %s", m[2])
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

// TestGuideIsShell: every block can be pasted into a shell, and no variable is used that no
// line above has set.
func TestGuideIsShell(t *testing.T) {
	t.Parallel()
	set := []string{"HOME", "EDITOR"}
	assigned := regexp.MustCompile(`(?:^|\s)([A-Za-z_]+)=`)
	looped := regexp.MustCompile(`for ([a-z]+) in |read -r ([a-z]+) ([a-z]+);`)
	used := regexp.MustCompile(`\$\{?([A-Za-z_]+)`)
	for _, part := range guideParts {
		blocks := commands(guide(t, part))
		if len(blocks) == 0 {
			t.Errorf("%s has no commands", part)
		}
		for _, block := range blocks {
			check := exec.CommandContext(t.Context(), "bash", "-n")
			check.Stdin = strings.NewReader(block)
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", part, err, out)
			}
			for _, line := range strings.Split(block, "\n") {
				for _, m := range assigned.FindAllStringSubmatch(line, -1) {
					set = append(set, m[1])
				}
				for _, m := range looped.FindAllStringSubmatch(line, -1) {
					set = append(set, m[1:]...)
				}
				for _, m := range used.FindAllStringSubmatch(line, -1) {
					if !slices.Contains(set, m[1]) {
						t.Errorf("%s uses %s before it is set: %s", part, m[0], line)
					}
				}
			}
		}
	}
}

// TestGuideFillsTheOverlays runs the block that puts a team's own names into an overlay, for
// each of them, and looks for what is left of the examples.
func TestGuideFillsTheOverlays(t *testing.T) {
	t.Parallel()
	block := commands(guide(t, "The commands, in order"))[0]
	for _, overlay := range googleOverlays {
		t.Run(overlay, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			folder := filepath.Join(root, "k8s", "overlays", overlay)
			if err := os.CopyFS(folder, os.DirFS(filepath.Join(manifest.Root(), "k8s", "overlays", overlay))); err != nil {
				t.Fatal(err)
			}
			shell := exec.CommandContext(t.Context(), "bash", "-e")
			shell.Dir = root
			shell.Stdin = strings.NewReader(regexp.MustCompile(`OVERLAY=\w+`).ReplaceAllString(block, "OVERLAY="+overlay))
			if out, err := shell.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for file, want := range map[string][]string{
				"cloud.env":          {"PROJECT_ID=my-project\n", "BUCKET=my-project-data-pipeline\n", "LOCATION=us-central1\n"},
				"kustomization.yaml": {"value: [orders.dev.example.com]}", "clientID, value: 123-abc.apps.googleusercontent.com}"},
			} {
				text, err := os.ReadFile(filepath.Join(folder, file))
				if err != nil {
					t.Fatal(err)
				}
				for _, line := range want {
					if !strings.Contains(string(text), line) {
						t.Errorf("%s lacks %q:\n%s", file, line, text)
					}
				}
				if strings.Contains(string(text), "replace-me") {
					t.Errorf("%s still has replace-me", file)
				}
			}
		})
	}
}
