package manifest

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The types of custom resources whose Go modules are not published, or (KEDA's) would
// bring four hundred others along. Each has the fields that are used here, by the
// vendor's reference; another field in a manifest is an error until it stands here.

// ScaledObject is KEDA's: https://keda.sh/docs/latest/reference/scaledobject-spec/.
type ScaledObject struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ScaledObjectSpec `json:"spec"`
}

// ScaledObjectSpec says what is scaled by which triggers.
type ScaledObjectSpec struct {
	ScaleTargetRef  ScaleTarget `json:"scaleTargetRef"`
	PollingInterval int32       `json:"pollingInterval"`
	MinReplicaCount int32       `json:"minReplicaCount"`
	MaxReplicaCount int32       `json:"maxReplicaCount"`
	Fallback        struct {
		FailureThreshold int32  `json:"failureThreshold"`
		Replicas         int32  `json:"replicas"`
		Behavior         string `json:"behavior"`
	} `json:"fallback"`
	Advanced struct {
		HorizontalPodAutoscalerConfig struct {
			Behavior autoscalingv2.HorizontalPodAutoscalerBehavior `json:"behavior"`
		} `json:"horizontalPodAutoscalerConfig"`
	} `json:"advanced"`
	Triggers []Trigger `json:"triggers"`
}

// ScaleTarget names a workload.
type ScaleTarget struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
}

// Trigger is one question of a ScaledObject.
type Trigger struct {
	Type              string                         `json:"type"`
	Name              string                         `json:"name"`
	MetricType        autoscalingv2.MetricTargetType `json:"metricType"`
	AuthenticationRef struct {
		Name string `json:"name"`
	} `json:"authenticationRef"`
	Metadata PrometheusTrigger `json:"metadata"`
}

// PrometheusTrigger is the metadata of the scaler of that name:
// https://keda.sh/docs/latest/scalers/prometheus/. All values are text.
type PrometheusTrigger struct {
	ServerAddress    string `json:"serverAddress"`
	IgnoreNullValues string `json:"ignoreNullValues"`
	Threshold        string `json:"threshold"`
	Query            string `json:"query"`
}

// TriggerAuthentication is KEDA's: https://keda.sh/docs/latest/concepts/authentication/.
type TriggerAuthentication struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		PodIdentity struct {
			Provider string `json:"provider"`
		} `json:"podIdentity"`
	} `json:"spec"`
}

// PodMonitoring is Managed Prometheus's:
// https://github.com/GoogleCloudPlatform/prometheus-engine/blob/main/doc/api.md.
type PodMonitoring struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Selector  metav1.LabelSelector `json:"selector"`
		Endpoints []struct {
			Port     string `json:"port"`
			Path     string `json:"path"`
			Interval string `json:"interval"`
		} `json:"endpoints"`
		TargetLabels struct {
			Metadata []string `json:"metadata"`
			FromPod  []struct {
				From string `json:"from"`
				To   string `json:"to"`
			} `json:"fromPod"`
		} `json:"targetLabels"`
	} `json:"spec"`
}

// Rules are Managed Prometheus's; the page is the same. The tests of package monitoring
// parse the expressions and evaluate them.
type Rules struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Groups []struct {
			Name     string `json:"name"`
			Interval string `json:"interval"`
			Rules    []struct {
				Record      string            `json:"record"`
				Alert       string            `json:"alert"`
				Expr        string            `json:"expr"`
				For         string            `json:"for"`
				Labels      map[string]string `json:"labels"`
				Annotations map[string]string `json:"annotations"`
			} `json:"rules"`
		} `json:"groups"`
	} `json:"spec"`
}

// PolicyTarget is what a policy of GKE's gateways applies to.
type PolicyTarget struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
}

// GCPBackendPolicy is GKE's:
// https://cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources.
type GCPBackendPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Default struct {
			IAP struct {
				Enabled            bool   `json:"enabled"`
				ClientID           string `json:"clientID"`
				OAuth2ClientSecret struct {
					Name string `json:"name"`
				} `json:"oauth2ClientSecret"`
			} `json:"iap"`
			TimeoutSec         int64 `json:"timeoutSec"`
			ConnectionDraining struct {
				DrainingTimeoutSec int64 `json:"drainingTimeoutSec"`
			} `json:"connectionDraining"`
			Logging struct {
				Enabled bool `json:"enabled"`
			} `json:"logging"`
		} `json:"default"`
		TargetRef PolicyTarget `json:"targetRef"`
	} `json:"spec"`
}

// HealthCheckPolicy is GKE's; the page is the same.
type HealthCheckPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Default struct {
			CheckIntervalSec   int64 `json:"checkIntervalSec"`
			TimeoutSec         int64 `json:"timeoutSec"`
			HealthyThreshold   int64 `json:"healthyThreshold"`
			UnhealthyThreshold int64 `json:"unhealthyThreshold"`
			Config             struct {
				Type            string `json:"type"`
				HTTPHealthCheck struct {
					PortSpecification string `json:"portSpecification"`
					RequestPath       string `json:"requestPath"`
				} `json:"httpHealthCheck"`
			} `json:"config"`
		} `json:"default"`
		TargetRef PolicyTarget `json:"targetRef"`
	} `json:"spec"`
}
