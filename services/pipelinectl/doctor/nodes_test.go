package doctor

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
)

func TestNodesMayPullImages(t *testing.T) {
	t.Parallel()
	const account = "12-compute@developer.gserviceaccount.com"
	const grant = "gcloud projects add-iam-policy-binding p --member=serviceAccount:" + account + " --role="
	target := access.Target{Cloud: cloud.Config{ProjectID: "p"}, Number: "12"}
	roles, editor := access.NodeBindings(target), access.NodeEditor(target)
	fine := Finding{Check: "nodes", Status: OK, Detail: account + " may pull images and report"}
	for name, tt := range map[string]struct {
		missing []access.Binding
		want    Finding
	}{
		"an organisation of today, nothing granted": {
			missing: append(roles[:2:2], editor),
			want: Finding{Check: "nodes", Status: Warn,
				Detail: account + " lacks roles/container.defaultNodeServiceAccount and roles/artifactregistry.reader; pods would end in ImagePullBackOff",
				Remedy: "Unless the nodes run as another account, run: " + grant + "roles/container.defaultNodeServiceAccount --condition=None; " +
					grant + "roles/artifactregistry.reader --condition=None"},
		},
		"one of both": {
			missing: []access.Binding{roles[1], editor},
			want: Finding{Check: "nodes", Status: Warn,
				Detail: account + " lacks roles/artifactregistry.reader; pods would end in ImagePullBackOff",
				Remedy: "Unless the nodes run as another account, run: " + grant + "roles/artifactregistry.reader --condition=None"},
		},
		"both":                      {missing: []access.Binding{editor}, want: fine},
		"an older organisation's":   {missing: roles, want: fine},
		"everything and the editor": {want: fine},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, judgeNodes(target, tt.missing)); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
}
