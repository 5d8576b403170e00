// Package k8s holds the manifests of the deployments (base, components, overlays) and
// the tests that compare them with the code: every overlay renders, every manifest is
// what the API knows, every variable is one that its service reads, and the rules of
// hardening have no exception.
package k8s
