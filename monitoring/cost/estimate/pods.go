package estimate

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// Pod is one workload's pods and what each is billed for.
type Pod struct {
	Name      string
	Replicas  int64
	MilliCPU  int64
	Memory    int64 // bytes
	HoursADay int64
	Series    int64 // that Managed Prometheus reads of each
}

// Autopilot raises a pod's memory to a GiB for each CPU, its CPU to 50m and its memory
// to 52 MiB
// (https://cloud.google.com/kubernetes-engine/docs/concepts/autopilot-resource-requests).
const (
	leastCPU    = 50
	leastMemory = 52 << 20
)

// keda is the autoscaler: its operator, metrics server and webhooks, with the requests that
// the guide to a deployment installs them with, and the chart's memory. An overlay that scales
// nothing needs none.
func keda(set *manifest.Set) Pod {
	p := Pod{Name: "KEDA", MilliCPU: 50, Memory: 100 << 20, HoursADay: 24}
	if len(set.ScaledObjects) > 0 {
		p.Replicas = 3
	}
	return p
}

// podsOf reads the pods from the rendered overlay. What is autoscaled has its least
// number: one writer settles more than the peak of the largest load.
func podsOf(set *manifest.Set) ([]Pod, error) {
	replicas := make(map[string]int64)
	for _, s := range set.ScaledObjects {
		replicas[s.Spec.ScaleTargetRef.Name] = int64(s.Spec.MinReplicaCount)
	}
	var pods []Pod
	for _, d := range set.Deployments {
		n, scaled := replicas[d.Name]
		switch {
		case scaled:
		case d.Spec.Replicas != nil:
			n = int64(*d.Spec.Replicas)
		default:
			return nil, fmt.Errorf("deployment %s has neither replicas nor an autoscaler", d.Name)
		}
		p := pod(d.Name, n, d.Spec.Template.Spec, 24)
		p.Series = seriesPerPod
		pods = append(pods, p)
	}
	for _, c := range set.CronJobs {
		// A run takes minutes; an hour is what it may take (activeDeadlineSeconds).
		pods = append(pods, pod(c.Name, 1, c.Spec.JobTemplate.Spec.Template.Spec, 1))
	}
	return append(pods, keda(set)), nil
}

func pod(name string, replicas int64, spec corev1.PodSpec, hours int64) Pod {
	p := Pod{Name: name, Replicas: replicas, HoursADay: hours}
	for _, c := range spec.Containers {
		p.MilliCPU += c.Resources.Requests.Cpu().MilliValue()
		p.Memory += c.Resources.Requests.Memory().Value()
	}
	p.MilliCPU = max(p.MilliCPU, leastCPU)
	p.Memory = max(p.Memory, leastMemory, p.MilliCPU<<30/1000)
	return p
}
