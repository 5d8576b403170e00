package access

// What the account of a cluster's nodes needs to pull images and to send logs and
// metrics. Organisations made since May 2024 give Compute Engine's default account, which
// nodes run as unless told otherwise, no role by themselves; older ones made it editor.
const (
	RoleNode        = "roles/container.defaultNodeServiceAccount"
	RoleImageReader = "roles/artifactregistry.reader"
	roleEditor      = "roles/editor"
)

// nodes stands for the nodes' account where a binding names its service.
const nodes = "nodes"

// NodeAccount is Compute Engine's default service account of the project.
func (t Target) NodeAccount() string { return t.Number + "-compute@developer.gserviceaccount.com" }

// NodeBindings are what that account needs. They are no part of Bindings: a cluster may
// have an account of its own for its nodes, and a registry may be another project's.
func NodeBindings(t Target) []Binding {
	return []Binding{t.toNodes(RoleNode), t.toNodes(RoleImageReader)}
}

// NodeEditor is the role that does as well, and that older organisations gave.
func NodeEditor(t Target) Binding { return t.toNodes(roleEditor) }

func (t Target) toNodes(role string) Binding {
	return Binding{Service: nodes, Member: "serviceAccount:" + t.NodeAccount(), Role: role, Kind: Project, Resource: t.Cloud.ProjectID}
}
