package k8s

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/k8s/skaffold"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
)

func loadSkaffold(t *testing.T) *skaffold.Config {
	t.Helper()
	config, err := skaffold.Load()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// TestProfiles: there is one for each overlay, of that name.
func TestProfiles(t *testing.T) {
	t.Parallel()
	var names []string
	for _, p := range loadSkaffold(t).Profiles {
		names = append(names, p.Name)
		if want := []string{"k8s/overlays/" + p.Name}; !slices.Equal(p.Manifests.Kustomize.Paths, want) {
			t.Errorf("profile %s deploys %v", p.Name, p.Manifests.Kustomize.Paths)
		}
	}
	if !slices.Equal(names, manifest.Overlays) {
		t.Errorf("profiles %v, want %v", names, manifest.Overlays)
	}
}

// pinned is an image by its tag, for people, and its digest, which is what counts.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:[a-z0-9.-]+@sha256:[0-9a-f]{64}$`)

// TestArtifacts: each image that a profile deploys is built, from a program that
// exists, and no image is built for nothing.
func TestArtifacts(t *testing.T) {
	t.Parallel()
	config := loadSkaffold(t)
	eachOverlay(t, func(t *testing.T, set *manifest.Set) {
		profile := filepath.Base(t.Name())
		artifacts, err := config.Artifacts(profile)
		if err != nil {
			t.Fatal(err)
		}
		var built []string
		for _, a := range artifacts {
			built = append(built, a.Image)
			if _, err := os.Stat(filepath.Join(manifest.Root(), a.Ko.Dir, a.Ko.Main, "main.go")); err != nil {
				t.Errorf("image %s: %v", a.Image, err)
			}
			if cgo := "CGO_ENABLED=1"; slices.Contains(a.Ko.Env, cgo) != (a.Image == "sandbox") {
				t.Errorf("image %s is built with %v", a.Image, a.Ko.Env)
			}
			if len(a.Ko.Dependencies.Paths) == 0 {
				t.Errorf("image %s does not say what it is built from", a.Image)
			}
			if !pinned.MatchString(a.Ko.FromImage) || a.Ko.FromImage != artifacts[0].Ko.FromImage {
				t.Errorf("image %s stands on %q, want the one base by its digest", a.Image, a.Ko.FromImage)
			}
		}
		used := []string{"pipelinectl"} // by verify
		for _, w := range workloads(set) {
			for _, c := range w.pod.Containers {
				used = append(used, c.Image)
			}
		}
		slices.Sort(built)
		slices.Sort(used)
		if used = slices.Compact(used); !slices.Equal(built, used) {
			t.Errorf("images built %v, used %v", built, used)
		}
	})
}

// TestPortForwards lead to ports that Services have.
func TestPortForwards(t *testing.T) {
	t.Parallel()
	for _, p := range loadSkaffold(t).Profiles {
		set := render(t, p.Name)
		for _, f := range p.PortForward {
			found := false
			for _, s := range set.Services {
				for _, port := range s.Spec.Ports {
					found = found || f.ResourceType == "service" && s.Name == f.ResourceName && s.Namespace == f.Namespace && int(port.Port) == f.Port
				}
			}
			if !found {
				t.Errorf("profile %s forwards %s:%d, which is not there", p.Name, f.ResourceName, f.Port)
			}
		}
	}
}

func verifyJob(t *testing.T, v skaffold.Verify) *batchv1.Job {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(manifest.Root(), v.ExecutionMode.KubernetesCluster.JobManifestPath))
	if err != nil {
		t.Fatal(err)
	}
	var job batchv1.Job
	if err := manifest.DecodeStrict(text, &job); err != nil {
		t.Fatal(err)
	}
	return &job
}

// TestVerify: the job runs what is built, under the account, labels and rules of a pod
// of the deployment, and with its variables.
func TestVerify(t *testing.T) {
	t.Parallel()
	for _, v := range loadSkaffold(t).Verify {
		job := verifyJob(t, v)
		// Skaffold writes into the labels, and fails if there are none.
		if len(job.Labels) == 0 {
			t.Errorf("verify %s: the job has no labels", v.Name)
		}
		template := job.Spec.Template
		container := template.Spec.Containers[0]
		if container.Name != v.Container.Name || container.Image != v.Container.Image || len(v.Container.Args) == 0 {
			t.Errorf("verify %s: the job's container is %s of %s", v.Name, container.Name, container.Image)
		}
		w := workload{v.Name, "Job", job.ObjectMeta, template.Spec, template.Labels, nil}
		grace := int64(35)
		w.pod.TerminationGracePeriodSeconds = &grace // a job that reads has nothing to drain
		checkPod(t, w)
		eachOverlay(t, func(t *testing.T, set *manifest.Set) {
			if job.Namespace != set.Namespaces[0].Name {
				t.Errorf("verify %s: the job is in namespace %s", v.Name, job.Namespace)
			}
			if _, ok := set.Metadata["ServiceAccount/"+template.Spec.ServiceAccountName]; !ok {
				t.Errorf("verify %s: the service account does not exist", v.Name)
			}
			if _, err := set.Environment(&container); err != nil {
				t.Errorf("verify %s: %v", v.Name, err)
			}
			pods := ours(set)
			if selector := pods["pipelinectl"].labels; template.Labels["app.kubernetes.io/name"] != selector["app.kubernetes.io/name"] {
				t.Errorf("verify %s: no network policy lets the job out", v.Name)
			}
		})
	}
}

// TestDoctorWaitsForTransactions: a manifest waits as long as TRANSACTION_INTERVAL for its
// transaction and then for that to end, which is no fault of a deployment.
func TestDoctorWaitsForTransactions(t *testing.T) {
	t.Parallel()
	eachOverlay(t, func(t *testing.T, set *manifest.Set) {
		aggregator, err := set.ConfigMap(configMapOf(t, set, "aggregator"))
		if err != nil {
			t.Fatal(err)
		}
		interval, err := time.ParseDuration(aggregator["TRANSACTION_INTERVAL"])
		if err != nil {
			t.Fatal(err)
		}
		opts := doctor.Default()
		for what, age := range map[string]time.Duration{"an unacknowledged message": opts.BacklogAge, "a file in staging/": opts.StagingAge} {
			if age < 2*interval {
				t.Errorf("%s is a fault after %s, but waits for %s in the best of times", what, age, interval)
			}
		}
	})
}

// configMapOf is the ConfigMap that a deployment's variables come from.
func configMapOf(t *testing.T, set *manifest.Set, deployment string) string {
	t.Helper()
	for _, d := range set.Deployments {
		if d.Name == deployment {
			return d.Spec.Template.Spec.Containers[0].EnvFrom[0].ConfigMapRef.Name
		}
	}
	t.Fatalf("there is no %s", deployment)
	return ""
}
