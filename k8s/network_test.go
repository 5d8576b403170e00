package k8s

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// endpoint is one end of a connection: a pod of some namespace, or an address
// outside the cluster.
type endpoint struct {
	name      string
	namespace string
	labels    map[string]string
	ports     map[string]int32 // named ports of a pod
	address   netip.Addr       // of something that is no pod
}

func (e endpoint) isPod() bool { return !e.address.IsValid() }

// network decides connections as a cluster with NetworkPolicies does.
type network struct {
	namespace string // that the policies are in
	policies  []networkingv1.NetworkPolicy
}

// allows tells whether a connection is let out at one end and in at the other.
func (n network) allows(t *testing.T, from, to endpoint, protocol corev1.Protocol, port int32) bool {
	t.Helper()
	return n.passes(t, networkingv1.PolicyTypeEgress, from, to, to, protocol, port) &&
		n.passes(t, networkingv1.PolicyTypeIngress, to, from, to, protocol, port)
}

// passes looks at one end: a pod that no policy of the direction selects is open,
// else one of their rules has to name the other end and the port.
func (n network) passes(t *testing.T, direction networkingv1.PolicyType, pod, peer, server endpoint, protocol corev1.Protocol, port int32) bool {
	t.Helper()
	if !pod.isPod() || pod.namespace != n.namespace {
		return true // not ours to decide
	}
	isolated := false
	for _, p := range n.policies {
		if !slices.Contains(p.Spec.PolicyTypes, direction) || !selects(t, &p.Spec.PodSelector, pod.labels) {
			continue
		}
		isolated = true
		if direction == networkingv1.PolicyTypeEgress {
			for _, rule := range p.Spec.Egress {
				if n.matches(t, rule.To, peer) && matchesPort(rule.Ports, server, protocol, port) {
					return true
				}
			}
			continue
		}
		for _, rule := range p.Spec.Ingress {
			if n.matches(t, rule.From, peer) && matchesPort(rule.Ports, server, protocol, port) {
				return true
			}
		}
	}
	return !isolated
}

func (n network) matches(t *testing.T, peers []networkingv1.NetworkPolicyPeer, e endpoint) bool {
	t.Helper()
	if len(peers) == 0 {
		return true // everyone
	}
	for _, peer := range peers {
		if peer.IPBlock != nil {
			if !e.isPod() && inBlock(t, peer.IPBlock, e.address) {
				return true
			}
			continue
		}
		if !e.isPod() {
			continue
		}
		here := e.namespace == n.namespace
		if peer.NamespaceSelector != nil {
			here = selects(t, peer.NamespaceSelector, map[string]string{corev1.LabelMetadataName: e.namespace})
		}
		if here && (peer.PodSelector == nil || selects(t, peer.PodSelector, e.labels)) {
			return true
		}
	}
	return false
}

func inBlock(t *testing.T, block *networkingv1.IPBlock, address netip.Addr) bool {
	t.Helper()
	for _, except := range block.Except {
		if netip.MustParsePrefix(except).Contains(address) {
			return false
		}
	}
	return netip.MustParsePrefix(block.CIDR).Contains(address)
}

func matchesPort(ports []networkingv1.NetworkPolicyPort, server endpoint, protocol corev1.Protocol, port int32) bool {
	for _, p := range ports {
		number := p.Port.IntVal
		if named, ok := server.ports[p.Port.StrVal]; ok {
			number = named
		}
		if *p.Protocol == protocol && number == port {
			return true
		}
	}
	return len(ports) == 0
}

// ours are the pods of an overlay, one of each workload, and the job of skaffold verify.
func ours(set *manifest.Set) map[string]endpoint {
	namespace := set.Namespaces[0].Name
	pods := map[string]endpoint{"pipelinectl": {
		name: "pipelinectl", namespace: namespace, labels: map[string]string{"app.kubernetes.io/name": "pipelinectl"},
	}}
	for _, w := range workloads(set) {
		ports := map[string]int32{}
		for _, p := range w.pod.Containers[0].Ports {
			ports[p.Name] = p.ContainerPort
		}
		pods[w.name] = endpoint{name: w.name, namespace: namespace, labels: w.labels, ports: ports}
	}
	return pods
}

// others are what else there is in and around a cluster.
var others = []endpoint{
	{name: "Google's APIs", address: netip.MustParseAddr("142.250.1.95")},
	{name: "private.googleapis.com", address: netip.MustParseAddr("199.36.153.8")},
	{name: "metadata server", address: netip.MustParseAddr("169.254.169.254")},
	{name: "metadata server of a node", address: netip.MustParseAddr("169.254.169.252")},
	{name: "name server of a node", address: netip.MustParseAddr("169.254.20.10")},
	{name: "load balancer", address: netip.MustParseAddr("35.191.10.1")},
	{name: "old load balancer", address: netip.MustParseAddr("130.211.1.1")},
	{name: "a database of the VPC", address: netip.MustParseAddr("10.8.0.3")},
	{name: "name server", namespace: "kube-system", labels: map[string]string{"k8s-app": "kube-dns"}},
	{name: "another system pod", namespace: "kube-system", labels: map[string]string{"k8s-app": "metrics-server"}},
	{name: "collector", namespace: "gmp-system", labels: map[string]string{"app": "collector"}},
	{name: "Autopilot's collector", namespace: "gke-gmp-system", labels: map[string]string{"app": "collector"}},
	{name: "collector of traces", namespace: "observability", labels: map[string]string{"app.kubernetes.io/name": "opentelemetry-collector"}},
	{name: "another pod of its namespace", namespace: "observability", labels: map[string]string{"app.kubernetes.io/name": "grafana"}},
	{name: "another team's pod", namespace: "default", labels: map[string]string{"app.kubernetes.io/name": "watcher"}},
}

// probedPorts are what is tried at every end besides the ports that pods open.
var probedPorts = []int32{22, 53, 80, 443, 987, 988, 3306, 4317, 8080}

// flows lists every connection that the policies of an overlay allow.
func flows(t *testing.T, set *manifest.Set) []string {
	t.Helper()
	n := network{set.Namespaces[0].Name, set.NetworkPolicies}
	pods := ours(set)
	ends := append(slices.Clone(others), slices.Collect(maps.Values(pods))...)
	ports := slices.Clone(probedPorts)
	for _, p := range pods {
		ports = append(ports, slices.Collect(maps.Values(p.ports))...)
	}
	slices.Sort(ports)
	var list []string
	for _, from := range ends {
		for _, to := range ends {
			if from.name == to.name || from.namespace != n.namespace && to.namespace != n.namespace {
				continue
			}
			for _, port := range slices.Compact(slices.Clone(ports)) {
				for _, protocol := range []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP} {
					if n.allows(t, from, to, protocol, port) {
						list = append(list, fmt.Sprintf("%s -> %s %s/%d", from.name, to.name, protocol, port))
					}
				}
			}
		}
	}
	slices.Sort(list)
	return list
}

var (
	pipeline = []string{"watcher", "parser", "writer", "aggregator", "reporter"}
	// clients are all that use the cloud's APIs.
	clients = append(slices.Clone(pipeline), "daily-reports", "pipelinectl")
)

// dns is what every pod may do.
func dns(pods []string) []string {
	var want []string
	for _, pod := range pods {
		for _, server := range []string{"name server", "name server of a node", "metadata server"} {
			want = append(want, pod+" -> "+server+" TCP/53", pod+" -> "+server+" UDP/53")
		}
	}
	return want
}

// onGoogleCloud is what an overlay on GKE allows.
func onGoogleCloud() []string {
	want := append(dns(clients), systemPage()...)
	for _, c := range clients {
		for _, to := range []string{
			"Google's APIs TCP/443", "private.googleapis.com TCP/443",
			// Addresses of Google's load balancers are public, like those of its APIs.
			"load balancer TCP/443", "old load balancer TCP/443",
			"metadata server TCP/80", "metadata server TCP/8080",
			"metadata server of a node TCP/987", "metadata server of a node TCP/988",
		} {
			want = append(want, c+" -> "+to)
		}
	}
	for name, port := range healthPorts {
		for _, collector := range []string{"collector", "Autopilot's collector"} {
			want = append(want, fmt.Sprintf("%s -> %s TCP/%d", collector, name, port))
		}
	}
	return append(want, "load balancer -> reporter TCP/8080", "old load balancer -> reporter TCP/8080")
}

// healthPorts are where the services tell how they are.
var healthPorts = map[string]int32{"watcher": 8081, "parser": 8082, "writer": 8083, "aggregator": 8084, "reporter": 8080}

// systemPage is the reporter asking the others how they are.
func systemPage() (want []string) {
	for name, port := range healthPorts {
		if name != "reporter" {
			want = append(want, fmt.Sprintf("reporter -> %s TCP/%d", name, port))
		}
	}
	return want
}

// inSandbox is what the overlay with the embedded cloud allows.
func inSandbox() []string {
	want := append(dns(append(slices.Clone(clients), "sandbox")), systemPage()...)
	for _, c := range clients {
		for _, port := range []int{8085, 4443, 9050, 9060} {
			want = append(want, fmt.Sprintf("%s -> sandbox TCP/%d", c, port))
		}
	}
	return want
}

// TestNetwork lists every connection that is allowed, out of all that are possible,
// and expects exactly those that the pipeline needs.
func TestNetwork(t *testing.T) {
	t.Parallel()
	eachOverlay(t, func(t *testing.T, set *manifest.Set) {
		want := onGoogleCloud()
		if _, ok := set.Metadata["Deployment/sandbox"]; ok {
			want = inSandbox()
		}
		expectFlows(t, set, want)
	})
}

// TestTraces: with the component, whoever makes spans knows the collector and reaches it,
// and nobody else.
func TestTraces(t *testing.T) {
	t.Parallel()
	for _, overlay := range googleOverlays {
		set, err := manifest.RenderWith(overlay, "traces", t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		want := onGoogleCloud()
		for _, w := range workloads(set) {
			want = append(want, w.name+" -> collector of traces TCP/4317")
			environment, err := set.Environment(&w.pod.Containers[0])
			if err != nil {
				t.Fatal(err)
			}
			if to := environment["OTEL_EXPORTER_OTLP_ENDPOINT"]; to != "http://opentelemetry-collector.observability:4317" {
				t.Errorf("%s: %s sends its traces to %q", overlay, w.name, to)
			}
		}
		expectFlows(t, set, want)
	}
}

func expectFlows(t *testing.T, set *manifest.Set, want []string) {
	t.Helper()
	have := flows(t, set)
	for _, flow := range have {
		if !slices.Contains(want, flow) {
			t.Errorf("allowed, but not needed: %s", flow)
		}
	}
	for _, flow := range want {
		if !slices.Contains(have, flow) {
			t.Errorf("needed, but not allowed: %s", flow)
		}
	}
}

// TestNetworkModel tests the model itself on cases that the documentation of
// NetworkPolicies decides.
func TestNetworkModel(t *testing.T) {
	t.Parallel()
	server := endpoint{name: "server", namespace: "n", labels: map[string]string{"app": "server"}, ports: map[string]int32{"http": 8080}}
	client := endpoint{name: "client", namespace: "n", labels: map[string]string{"app": "client"}}
	stranger := endpoint{name: "stranger", namespace: "other", labels: map[string]string{"app": "client"}}
	closed := networkingv1.NetworkPolicy{Spec: networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}}}
	var open networkingv1.NetworkPolicy
	if err := manifest.DecodeStrict([]byte(strings.TrimSpace(`
spec:
  podSelector: {matchLabels: {app: server}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: client}}}]
      ports: [{protocol: TCP, port: http}]
`)), &open); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		policies []networkingv1.NetworkPolicy
		from     endpoint
		port     int32
		want     bool
	}{
		"no policy":                       {nil, stranger, 1, true},
		"default deny":                    {[]networkingv1.NetworkPolicy{closed}, client, 8080, false},
		"a rule opens a named port":       {[]networkingv1.NetworkPolicy{closed, open}, client, 8080, true},
		"and no other":                    {[]networkingv1.NetworkPolicy{closed, open}, client, 8081, false},
		"a bare pod selector stays home":  {[]networkingv1.NetworkPolicy{closed, open}, stranger, 8080, false},
		"what is not selected stays open": {[]networkingv1.NetworkPolicy{{Spec: networkingv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app": "client"}}, PolicyTypes: closed.Spec.PolicyTypes}}}, client, 8080, true},
	} {
		if got := (network{"n", tc.policies}).allows(t, tc.from, server, corev1.ProtocolTCP, tc.port); got != tc.want {
			t.Errorf("%s: allowed is %v, want %v", name, got, tc.want)
		}
	}
}
