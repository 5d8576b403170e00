package k8s

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Of the overlays on Google Cloud only small does without an autoscaler.
var (
	scaledOverlays = []string{"dev", "staging", "prod"}
	googleOverlays = append(slices.Clone(scaledOverlays), "small")
)

// TestAutoscaling: what the head of autoscaling.yaml promises.
func TestAutoscaling(t *testing.T) {
	t.Parallel()
	for _, overlay := range scaledOverlays {
		set := render(t, overlay)
		project := projectOf(t, set)
		var targets []string
		for _, s := range set.ScaledObjects {
			targets = append(targets, s.Spec.ScaleTargetRef.Name)
			fault := func(what string) { t.Errorf("%s, %s: %s", overlay, s.Name, what) }
			spec := s.Spec
			if _, ok := set.Metadata["Deployment/"+spec.ScaleTargetRef.Name]; !ok {
				fault("its target does not exist")
			}
			if spec.MinReplicaCount < 1 || spec.MaxReplicaCount < spec.MinReplicaCount {
				fault("it may stop every pod, or has no room")
			}
			if spec.Fallback.Behavior != "currentReplicasIfHigher" || spec.Fallback.Replicas != spec.MinReplicaCount {
				fault("missing signals may take pods away")
			}
			checkScaleDown(t, overlay, s)
			checkTriggers(t, overlay, project, s)
		}
		slices.Sort(targets)
		if !slices.Equal(targets, []string{"parser", "writer"}) {
			t.Errorf("%s scales %v", overlay, targets)
		}
	}
}

// TestSmall: one pod of each service, and nothing that needs KEDA.
func TestSmall(t *testing.T) {
	t.Parallel()
	set := render(t, "small")
	for _, d := range set.Deployments {
		if d.Spec.Replicas == nil || *d.Spec.Replicas != 1 {
			t.Errorf("%s does not have one pod", d.Name)
		}
	}
	for object := range set.Metadata {
		if kind, name, _ := strings.Cut(object, "/"); kind == "ScaledObject" || kind == "TriggerAuthentication" {
			t.Errorf("%s %s needs KEDA", kind, name)
		}
	}
}

// metricsLag is how old Pub/Sub's metrics may be: sampled each minute, shown after
// two more, and Managed Prometheus looks five minutes back.
const metricsLag = 5 * 60

func checkScaleDown(t *testing.T, overlay string, s manifest.ScaledObject) {
	t.Helper()
	down := s.Spec.Advanced.HorizontalPodAutoscalerConfig.Behavior.ScaleDown
	if down == nil || down.StabilizationWindowSeconds == nil || *down.StabilizationWindowSeconds <= metricsLag {
		t.Errorf("%s, %s: pods may go by signals that are out of date", overlay, s.Name)
		return
	}
	for _, p := range down.Policies {
		if p.Type != autoscalingv2.PodsScalingPolicy || p.Value != 1 {
			t.Errorf("%s, %s: more than one pod may go at once", overlay, s.Name)
		}
	}
}

var (
	ownMetric      = regexp.MustCompile(`\bpipeline_[a-z_]+\{[^}]*\}`)
	pubsubMetric   = regexp.MustCompile(`\bpubsub_googleapis_com:[a-z_]+\{[^}]*\}`)
	subscriptionIn = regexp.MustCompile(`subscription(?:_id)?=(~?)"([^"]*)"`)
)

func checkTriggers(t *testing.T, overlay, project string, s manifest.ScaledObject) {
	t.Helper()
	var names []string
	for _, trigger := range s.Spec.Triggers {
		names = append(names, trigger.Name)
		m := trigger.Metadata
		if trigger.Type != "prometheus" || trigger.MetricType != autoscalingv2.AverageValueMetricType || m.IgnoreNullValues != "false" {
			t.Errorf("%s, %s, %s: a missing answer would count as zero, or the fallback not apply", overlay, s.Name, trigger.Name)
		}
		if want := "https://monitoring.googleapis.com/v1/projects/" + project + "/location/global/prometheus"; m.ServerAddress != want {
			t.Errorf("%s, %s: asks %s, want %s", overlay, s.Name, m.ServerAddress, want)
		}
		if n, err := strconv.ParseFloat(m.Threshold, 64); err != nil || n <= 0 {
			t.Errorf("%s, %s, %s: threshold %q", overlay, s.Name, trigger.Name, m.Threshold)
		}
		if strings.Count(m.Query, "(") != strings.Count(m.Query, ")") {
			t.Errorf("%s, %s, %s: brackets do not match", overlay, s.Name, trigger.Name)
		}
		for _, metric := range append(ownMetric.FindAllString(m.Query, -1), pubsubMetric.FindAllString(m.Query, -1)...) {
			checkSubscriptions(t, s.Name, metric)
		}
	}
	if want := []string{"backlog", "age", "saturation", "hold"}; !slices.Equal(names, want) {
		t.Errorf("%s, %s: triggers %v, want %v", overlay, s.Name, names, want)
	}
}

// checkSubscriptions: a metric is of subscriptions of the service itself, and if it is
// of several, of all that carry files and records to it.
func checkSubscriptions(t *testing.T, service, metric string) {
	t.Helper()
	match := subscriptionIn.FindStringSubmatch(metric)
	if match == nil {
		t.Errorf("%s names no subscription", metric)
		return
	}
	pattern := regexp.MustCompile("^(?:" + match[2] + ")$")
	if match[1] == "" {
		pattern = regexp.MustCompile("^" + regexp.QuoteMeta(match[2]) + "$")
	}
	for _, id := range topology.Subscriptions() {
		if of := strings.HasSuffix(id, "."+service); pattern.MatchString(id) != of {
			t.Errorf("%s: %s is one of its subscriptions: %v", metric, id, of)
		}
	}
}

// TestDoor: the reporter is behind Identity-Aware Proxy, by TLS alone.
func TestDoor(t *testing.T) {
	t.Parallel()
	for _, overlay := range googleOverlays {
		set := render(t, overlay)
		if len(set.Gateways) != 1 || len(set.Routes) != 1 || len(set.BackendPolicies) != 1 || len(set.HealthChecks) != 1 {
			t.Fatalf("%s: there is not one door", overlay)
		}
		for _, l := range set.Gateways[0].Spec.Listeners {
			if l.Protocol != "HTTPS" {
				t.Errorf("%s: the door listens for %s", overlay, l.Protocol)
			}
		}
		route := set.Routes[0].Spec
		if len(route.Hostnames) != 1 || strings.HasSuffix(string(route.Hostnames[0]), ".invalid") {
			t.Errorf("%s: the door's name is %v", overlay, route.Hostnames)
		}
		for _, rule := range route.Rules {
			for _, backend := range rule.BackendRefs {
				if backend.Name != topology.Reporter {
					t.Errorf("%s: the door leads to %s", overlay, backend.Name)
				}
			}
		}
		policy := set.BackendPolicies[0].Spec
		iap := policy.Default.IAP
		if policy.TargetRef.Kind != "Service" || policy.TargetRef.Name != topology.Reporter || !iap.Enabled || iap.ClientID == "none" || iap.OAuth2ClientSecret.Name == "" {
			t.Errorf("%s: the reporter is not behind Identity-Aware Proxy", overlay)
		}
		if check := set.HealthChecks[0].Spec; check.TargetRef != policy.TargetRef || check.Default.Config.HTTPHealthCheck.RequestPath != "/readyz" {
			t.Errorf("%s: the load balancer does not ask the reporter whether it is ready", overlay)
		}
	}
}

// shortestWindow is that of the burn rates in monitoring/rules.
const shortestWindow = 5 * time.Minute

// TestMonitoring: the metrics of every service are read, often enough for the alerts.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	for _, overlay := range googleOverlays {
		set := render(t, overlay)
		if len(set.Monitorings) != 1 {
			t.Fatalf("%s: there are %d monitorings", overlay, len(set.Monitorings))
		}
		for _, endpoint := range set.Monitorings[0].Spec.Endpoints {
			// rate() and increase() need two samples in the alerts' shortest window, with one missed.
			if every, err := time.ParseDuration(endpoint.Interval); err != nil || 4*every > shortestWindow {
				t.Errorf("%s: metrics are read every %s, and an alert looks back %s", overlay, endpoint.Interval, shortestWindow)
			}
		}
		for _, d := range set.Deployments {
			if !selects(t, &set.Monitorings[0].Spec.Selector, d.Spec.Template.Labels) {
				t.Errorf("%s: nobody reads the metrics of %s", overlay, d.Name)
			}
		}
	}
}

// projectOf is the project that the parser works in.
func projectOf(t *testing.T, set *manifest.Set) string {
	t.Helper()
	i := slices.IndexFunc(set.Deployments, func(d appsv1.Deployment) bool { return d.Name == topology.Parser })
	if i < 0 {
		t.Fatal("there is no parser")
	}
	environment, err := set.Environment(&set.Deployments[i].Spec.Template.Spec.Containers[0])
	if err != nil {
		t.Fatal(err)
	}
	return environment["PROJECT_ID"]
}
