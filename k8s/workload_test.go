package k8s

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// workload is something that runs pods.
type workload struct {
	name string
	kind string // Deployment, CronJob or Job
	meta metav1.ObjectMeta
	pod  corev1.PodSpec
	// labels are the pods'.
	labels   map[string]string
	selector *metav1.LabelSelector // a Deployment's
}

func render(t *testing.T, overlay string) *manifest.Set {
	t.Helper()
	set, err := manifest.Render(overlay)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func workloads(set *manifest.Set) []workload {
	var list []workload
	for _, d := range set.Deployments {
		list = append(list, workload{d.Name, "Deployment", d.ObjectMeta, d.Spec.Template.Spec, d.Spec.Template.Labels, d.Spec.Selector})
	}
	for _, c := range set.CronJobs {
		template := c.Spec.JobTemplate.Spec.Template
		list = append(list, workload{c.Name, "CronJob", c.ObjectMeta, template.Spec, template.Labels, nil})
	}
	return list
}
