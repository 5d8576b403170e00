// Package manifest renders the overlays of this folder as kustomize does, in this
// process, and reads what comes out into the types of the Kubernetes API, strictly: a
// field that the API does not know is an error, as is a kind that is not expected.
package manifest

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// Overlays are the deployments that there are, by folder under overlays/.
var Overlays = []string{"dev", "staging", "prod", "small", "sandbox"}

// Set is what an overlay renders to.
type Set struct {
	Namespaces      []corev1.Namespace
	ServiceAccounts []corev1.ServiceAccount
	ConfigMaps      []corev1.ConfigMap
	Services        []corev1.Service
	Volumes         []corev1.PersistentVolumeClaim
	Deployments     []appsv1.Deployment
	CronJobs        []batchv1.CronJob
	Budgets         []policyv1.PodDisruptionBudget
	NetworkPolicies []networkingv1.NetworkPolicy

	Gateways        []gatewayv1.Gateway
	Routes          []gatewayv1.HTTPRoute
	BackendPolicies []GCPBackendPolicy
	HealthChecks    []HealthCheckPolicy
	Monitorings     []PodMonitoring
	Rules           []Rules
	ScaledObjects   []ScaledObject
	Authentications []TriggerAuthentication

	// Metadata is that of every object, by "kind/name".
	Metadata map[string]metav1.ObjectMeta
}

// list gives the slice that objects of a kind belong to, or nil for an unknown kind.
func (s *Set) list(apiVersion, kind string) any {
	switch apiVersion + " " + kind {
	case "v1 Namespace":
		return &s.Namespaces
	case "v1 ServiceAccount":
		return &s.ServiceAccounts
	case "v1 ConfigMap":
		return &s.ConfigMaps
	case "v1 Service":
		return &s.Services
	case "v1 PersistentVolumeClaim":
		return &s.Volumes
	case "apps/v1 Deployment":
		return &s.Deployments
	case "batch/v1 CronJob":
		return &s.CronJobs
	case "policy/v1 PodDisruptionBudget":
		return &s.Budgets
	case "networking.k8s.io/v1 NetworkPolicy":
		return &s.NetworkPolicies
	case "gateway.networking.k8s.io/v1 Gateway":
		return &s.Gateways
	case "gateway.networking.k8s.io/v1 HTTPRoute":
		return &s.Routes
	case "networking.gke.io/v1 GCPBackendPolicy":
		return &s.BackendPolicies
	case "networking.gke.io/v1 HealthCheckPolicy":
		return &s.HealthChecks
	case "monitoring.googleapis.com/v1 PodMonitoring":
		return &s.Monitorings
	case "monitoring.googleapis.com/v1 Rules":
		return &s.Rules
	case "keda.sh/v1alpha1 ScaledObject":
		return &s.ScaledObjects
	case "keda.sh/v1alpha1 TriggerAuthentication":
		return &s.Authentications
	default:
		return nil
	}
}

// Render renders overlays/<name>.
func Render(name string) (*Set, error) {
	return renderFolder(name, filepath.Join(Root(), "k8s", "overlays", name))
}

// RenderWith renders overlays/<name> with an optional one of components/, as if its
// kustomization listed it; dir is an empty folder to do it in.
func RenderWith(name, component, dir string) (*Set, error) {
	k8s, err := filepath.Rel(dir, filepath.Join(Root(), "k8s"))
	if err != nil {
		return nil, fmt.Errorf("render the overlay %s with %s: %w", name, component, err)
	}
	text := fmt.Sprintf("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: order-pipeline\n"+
		"resources: [%q]\ncomponents: [%q]\n", filepath.Join(k8s, "overlays", name), filepath.Join(k8s, "components", component))
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("render the overlay %s with %s: %w", name, component, err)
	}
	return renderFolder(name, dir)
}

func renderFolder(name, dir string) (*Set, error) {
	options := krusty.MakeDefaultOptions()
	resources, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return nil, fmt.Errorf("render the overlay %s: %w", name, err)
	}
	set := &Set{Metadata: make(map[string]metav1.ObjectMeta)}
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			return nil, fmt.Errorf("render the overlay %s: %w", name, err)
		}
		if err := set.add(text); err != nil {
			return nil, fmt.Errorf("overlay %s: %s %s: %w", name, resource.GetKind(), resource.GetName(), err)
		}
	}
	return set, nil
}

// add decodes one object into its list.
func (s *Set) add(text []byte) error {
	var head struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
	}
	if err := yaml.Unmarshal(text, &head); err != nil {
		return err
	}
	list := s.list(head.APIVersion, head.Kind)
	if list == nil {
		return fmt.Errorf("no type is known for %s %s", head.APIVersion, head.Kind)
	}
	objects := reflect.ValueOf(list).Elem()
	object := reflect.New(objects.Type().Elem())
	if err := DecodeStrict(text, object.Interface()); err != nil {
		return err
	}
	objects.Set(reflect.Append(objects, object.Elem()))
	id := head.Kind + "/" + head.Name
	if _, twice := s.Metadata[id]; twice {
		return fmt.Errorf("there are two of %s", id)
	}
	s.Metadata[id] = head.ObjectMeta
	return nil
}

// DecodeStrict reads YAML as the API server does with strict field validation: names
// are case-sensitive, and none may be unknown or stand twice.
func DecodeStrict(text []byte, into any) error {
	content, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	faults, err := kjson.UnmarshalStrict(content, into)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return fmt.Errorf("decode strictly: %v", faults)
	}
	return nil
}

// ConfigMap finds a ConfigMap by its name as rendered.
func (s *Set) ConfigMap(name string) (map[string]string, error) {
	for _, m := range s.ConfigMaps {
		if m.Name == name {
			return m.Data, nil
		}
	}
	return nil, fmt.Errorf("there is no ConfigMap %s", name)
}

// Environment is what a container's process finds in its environment.
func (s *Set) Environment(c *corev1.Container) (map[string]string, error) {
	environment := make(map[string]string)
	for _, from := range c.EnvFrom {
		if from.ConfigMapRef == nil {
			return nil, fmt.Errorf("container %s: variables come from something else than a ConfigMap", c.Name)
		}
		data, err := s.ConfigMap(from.ConfigMapRef.Name)
		if err != nil {
			return nil, fmt.Errorf("container %s: %w", c.Name, err)
		}
		for name, value := range data {
			environment[from.Prefix+name] = value
		}
	}
	for _, v := range c.Env {
		if v.ValueFrom != nil {
			return nil, fmt.Errorf("container %s: %s is not given by its value", c.Name, v.Name)
		}
		environment[v.Name] = v.Value
	}
	return environment, nil
}

// Root is the root of the repository that this package was built from.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
