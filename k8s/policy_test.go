package k8s

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
)

// eachOverlay renders every overlay for a check of its own.
func eachOverlay(t *testing.T, check func(t *testing.T, set *manifest.Set)) {
	t.Helper()
	for _, overlay := range manifest.Overlays {
		t.Run(overlay, func(t *testing.T) {
			t.Parallel()
			check(t, render(t, overlay))
		})
	}
}

// TestNamespace: everything is in the one namespace, which refuses what the
// restricted Pod Security Standard does not allow.
func TestNamespace(t *testing.T) {
	t.Parallel()
	eachOverlay(t, func(t *testing.T, set *manifest.Set) {
		if len(set.Namespaces) != 1 {
			t.Fatalf("there are %d namespaces", len(set.Namespaces))
		}
		namespace := set.Namespaces[0]
		if level := namespace.Labels["pod-security.kubernetes.io/enforce"]; level != "restricted" {
			t.Errorf("pod security is %q", level)
		}
		for id, meta := range set.Metadata {
			if id != "Namespace/"+namespace.Name && meta.Namespace != namespace.Name {
				t.Errorf("%s is in namespace %q", id, meta.Namespace)
			}
			if meta.Labels["app.kubernetes.io/part-of"] != "order-pipeline" {
				t.Errorf("%s does not say what it is part of", id)
			}
		}
	})
}

// TestPods: no pod has an exception from the rules.
func TestPods(t *testing.T) {
	t.Parallel()
	eachOverlay(t, func(t *testing.T, set *manifest.Set) {
		if n := len(workloads(set)); n < 6 {
			t.Fatalf("there are only %d workloads", n)
		}
		for _, w := range workloads(set) {
			checkPod(t, w)
			if _, ok := set.Metadata["ServiceAccount/"+w.pod.ServiceAccountName]; !ok {
				t.Errorf("%s: the service account %q does not exist", w.name, w.pod.ServiceAccountName)
			}
			if w.pod.ServiceAccountName != w.name {
				t.Errorf("%s: it runs as %s, not as itself", w.name, w.pod.ServiceAccountName)
			}
		}
		for _, account := range set.ServiceAccounts {
			if account.AutomountServiceAccountToken == nil || *account.AutomountServiceAccountToken {
				t.Errorf("service account %s mounts a token", account.Name)
			}
		}
	})
}

func checkPod(t *testing.T, w workload) {
	t.Helper()
	pod := w.pod
	fault := func(what string) { t.Errorf("%s: %s", w.name, what) }
	security := pod.SecurityContext
	switch {
	case security == nil:
		fault("no security context")
		return
	case security.RunAsNonRoot == nil || !*security.RunAsNonRoot:
		fault("may run as root")
	case security.RunAsUser == nil || *security.RunAsUser == 0:
		fault("no user is named")
	case security.SeccompProfile == nil || security.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault:
		fault("seccomp is not the runtime's default")
	}
	if pod.HostNetwork || pod.HostPID || pod.HostIPC {
		fault("shares the node's namespaces")
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		fault("mounts a token of the Kubernetes API")
	}
	if pod.EnableServiceLinks == nil || *pod.EnableServiceLinks {
		fault("has variables of other services")
	}
	if pod.TerminationGracePeriodSeconds == nil || time.Duration(*pod.TerminationGracePeriodSeconds)*time.Second < service.DrainTimeout+5*time.Second {
		fault("is killed before it has drained")
	}
	for _, volume := range pod.Volumes {
		if volume.HostPath != nil {
			fault("mounts a path of the node")
		}
		if d := volume.EmptyDir; d != nil && (d.SizeLimit == nil || d.SizeLimit.Sign() <= 0) {
			fault("may fill the node's disk by its volume " + volume.Name)
		}
	}
	if len(pod.InitContainers) > 0 {
		fault("has containers that no test looks at")
	}
	for _, c := range pod.Containers {
		checkContainer(t, w, c)
	}
}

func checkContainer(t *testing.T, w workload, c corev1.Container) {
	t.Helper()
	fault := func(what string) { t.Errorf("%s, container %s: %s", w.name, c.Name, what) }
	if s := c.SecurityContext; s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation ||
		s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem || s.Privileged != nil && *s.Privileged ||
		s.Capabilities == nil || len(s.Capabilities.Drop) != 1 || s.Capabilities.Drop[0] != "ALL" || len(s.Capabilities.Add) > 0 {
		fault("its security context leaves something open")
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		request, limit := c.Resources.Requests[name], c.Resources.Limits[name]
		if request.IsZero() || limit.IsZero() || request.Cmp(limit) > 0 {
			fault("requests or limits of " + string(name) + " are missing or odd")
		}
	}
	checkGoMemory(t, w, c)
	if w.kind != "Deployment" {
		return // a job has an end instead of probes
	}
	checkProbe := func(name string, p *corev1.Probe, path string) {
		if p == nil || p.HTTPGet == nil || p.HTTPGet.Path != path {
			fault("the " + name + " probe does not ask " + path)
			return
		}
		for _, port := range c.Ports {
			if port.Name == p.HTTPGet.Port.String() {
				return
			}
		}
		fault("the " + name + " probe asks a port that is not open")
	}
	checkProbe("startup", c.StartupProbe, "/healthz")
	checkProbe("liveness", c.LivenessProbe, "/healthz")
	checkProbe("readiness", c.ReadinessProbe, "/readyz")
}

// checkGoMemory: the collector's limit leaves room under the kernel's, and is not
// far below it, or memory is paid for that is never used.
func checkGoMemory(t *testing.T, w workload, c corev1.Container) {
	t.Helper()
	for _, v := range c.Env {
		if v.Name != "GOMEMLIMIT" {
			continue
		}
		soft, err := resource.ParseQuantity(v.Value[:len(v.Value)-1]) // MiB, in Kubernetes Mi
		if err != nil {
			t.Errorf("%s: GOMEMLIMIT is %q", w.name, v.Value)
			return
		}
		hard := c.Resources.Limits[corev1.ResourceMemory]
		share := float64(soft.Value()) / float64(hard.Value())
		least := 0.85
		if c.Image == "sandbox" {
			least = 0.25 // most of its memory is DuckDB's
		}
		if share < least || share > 0.95 {
			t.Errorf("%s: GOMEMLIMIT is %.2f of the limit", w.name, share)
		}
		return
	}
	t.Errorf("%s, container %s: GOMEMLIMIT is not set", w.name, c.Name)
}

// TestDeployments: rollouts keep the service up, pods spread, and drains take one at a time.
func TestDeployments(t *testing.T) {
	t.Parallel()
	eachOverlay(t, func(t *testing.T, set *manifest.Set) {
		scaled := map[string]bool{}
		for _, s := range set.ScaledObjects {
			scaled[s.Spec.ScaleTargetRef.Name] = true
		}
		for _, d := range set.Deployments {
			template := d.Spec.Template
			if !selects(t, d.Spec.Selector, template.Labels) {
				t.Errorf("%s does not select its own pods", d.Name)
			}
			if len(set.ScaledObjects) > 0 && scaled[d.Name] == (d.Spec.Replicas != nil) {
				t.Errorf("%s: replicas are to be given by the manifest or by the autoscaler, by one of them", d.Name)
			}
			if len(template.Spec.TopologySpreadConstraints) == 0 {
				t.Errorf("%s does not spread", d.Name)
			}
			for _, c := range template.Spec.TopologySpreadConstraints {
				if !selects(t, c.LabelSelector, template.Labels) {
					t.Errorf("%s spreads by %s, but not its own pods", d.Name, c.TopologyKey)
				}
			}
			if n := len(budgets(t, set, template.Labels)); n != 1 {
				t.Errorf("%s: %d disruption budgets select its pods", d.Name, n)
			}
		}
		for _, b := range set.Budgets {
			if b.Spec.MaxUnavailable == nil || b.Spec.MaxUnavailable.IntValue() != 1 {
				t.Errorf("disruption budget %s: one pod at a time is to be drained", b.Name)
			}
			if _, ok := set.Metadata["Deployment/"+b.Name]; !ok {
				t.Errorf("disruption budget %s has no deployment", b.Name)
			}
		}
	})
}

func budgets(t *testing.T, set *manifest.Set, pod map[string]string) []policyv1.PodDisruptionBudget {
	t.Helper()
	var list []policyv1.PodDisruptionBudget
	for _, b := range set.Budgets {
		if selects(t, b.Spec.Selector, pod) {
			list = append(list, b)
		}
	}
	return list
}

// TestServices: each reaches pods, on ports that they open, and none is public.
func TestServices(t *testing.T) {
	t.Parallel()
	eachOverlay(t, func(t *testing.T, set *manifest.Set) {
		for _, s := range set.Services {
			if s.Spec.Type != corev1.ServiceTypeClusterIP {
				t.Errorf("service %s is a %s", s.Name, s.Spec.Type)
			}
			for _, port := range s.Spec.Ports {
				if !opened(set, s.Spec.Selector, port.TargetPort.String()) {
					t.Errorf("service %s: no pod opens %s", s.Name, port.TargetPort.String())
				}
			}
		}
	})
}

func opened(set *manifest.Set, selector map[string]string, port string) bool {
	for _, w := range workloads(set) {
		if !labels.SelectorFromSet(selector).Matches(labels.Set(w.labels)) {
			continue
		}
		for _, c := range w.pod.Containers {
			for _, p := range c.Ports {
				if p.Name == port {
					return true
				}
			}
		}
	}
	return false
}

// TestDailyReports: one a day, after midnight UTC, and never two at once.
func TestDailyReports(t *testing.T) {
	t.Parallel()
	eachOverlay(t, func(t *testing.T, set *manifest.Set) {
		for _, c := range set.CronJobs {
			spec := c.Spec
			if spec.TimeZone == nil || *spec.TimeZone != "Etc/UTC" || spec.ConcurrencyPolicy != "Forbid" {
				t.Errorf("%s: not by UTC, or not one at a time", c.Name)
			}
			if spec.JobTemplate.Spec.ActiveDeadlineSeconds == nil || spec.JobTemplate.Spec.BackoffLimit == nil {
				t.Errorf("%s: a run has no end", c.Name)
			}
		}
	})
}

func selects(t *testing.T, selector *metav1.LabelSelector, pod map[string]string) bool {
	t.Helper()
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	return s.Matches(labels.Set(pod))
}
