// Package skaffold reads skaffold.yaml, strictly: its types hold the fields of schema
// v4beta13 (Skaffold 2.15 and newer) that this repository uses, and another field is an
// error. Skaffold's own module is not published for import.
package skaffold

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// APIVersion is the schema that the types are of.
const APIVersion = "skaffold/v4beta13"

// Config is skaffold.yaml.
type Config struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Build    Build     `json:"build"`
	Deploy   Deploy    `json:"deploy"`
	Verify   []Verify  `json:"verify"`
	Profiles []Profile `json:"profiles"`
}

// Build says how images are made.
type Build struct {
	TagPolicy struct {
		GitCommit struct{} `json:"gitCommit"`
	} `json:"tagPolicy"`
	Artifacts []Artifact `json:"artifacts"`
}

// Artifact is an image.
type Artifact struct {
	Image string `json:"image"`
	Ko    Ko     `json:"ko"`
}

// Ko is how ko builds an image.
type Ko struct {
	// Dir is where go runs, and Main the package, relative to it.
	Dir          string   `json:"dir"`
	Main         string   `json:"main"`
	Env          []string `json:"env"`
	Flags        []string `json:"flags"`
	Ldflags      []string `json:"ldflags"`
	FromImage    string   `json:"fromImage"`
	Dependencies struct {
		Paths  []string `json:"paths"`
		Ignore []string `json:"ignore"`
	} `json:"dependencies"`
}

// Deploy says how manifests are applied.
type Deploy struct {
	Kubectl                    struct{} `json:"kubectl"`
	StatusCheckDeadlineSeconds int      `json:"statusCheckDeadlineSeconds"`
}

// Verify is a check of a deployment.
type Verify struct {
	Name      string `json:"name"`
	Container struct {
		Name  string   `json:"name"`
		Image string   `json:"image"`
		Args  []string `json:"args"`
	} `json:"container"`
	ExecutionMode struct {
		KubernetesCluster struct {
			JobManifestPath string `json:"jobManifestPath"`
		} `json:"kubernetesCluster"`
	} `json:"executionMode"`
}

// Profile is a deployment.
type Profile struct {
	Name       string `json:"name"`
	Activation []struct {
		KubeContext string `json:"kubeContext"`
	} `json:"activation"`
	Manifests struct {
		Kustomize struct {
			Paths []string `json:"paths"`
		} `json:"kustomize"`
	} `json:"manifests"`
	Patches     []Patch `json:"patches"`
	PortForward []struct {
		ResourceType string `json:"resourceType"`
		ResourceName string `json:"resourceName"`
		Namespace    string `json:"namespace"`
		Port         int    `json:"port"`
		LocalPort    int    `json:"localPort"`
	} `json:"portForward"`
}

// Patch adds an artifact to a profile; other patches are not used.
type Patch struct {
	Op    string   `json:"op"`
	Path  string   `json:"path"`
	Value Artifact `json:"value"`
}

// Load reads skaffold.yaml of this repository.
func Load() (*Config, error) {
	text, err := os.ReadFile(filepath.Join(manifest.Root(), "skaffold.yaml"))
	if err != nil {
		return nil, err
	}
	var c Config
	if err := manifest.DecodeStrict(text, &c); err != nil {
		return nil, fmt.Errorf("skaffold.yaml: %w", err)
	}
	if c.APIVersion != APIVersion || c.Kind != "Config" {
		return nil, fmt.Errorf("skaffold.yaml is a %s of %s, not a Config of %s", c.Kind, c.APIVersion, APIVersion)
	}
	return &c, nil
}

// Artifacts are the images of a profile.
func (c *Config) Artifacts(profile string) ([]Artifact, error) {
	for _, p := range c.Profiles {
		if p.Name != profile {
			continue
		}
		artifacts := append([]Artifact{}, c.Build.Artifacts...)
		for _, patch := range p.Patches {
			if patch.Op != "add" || patch.Path != "/build/artifacts/-" {
				text, _ := json.Marshal(patch)
				return nil, fmt.Errorf("profile %s has a patch of another kind: %s", profile, text)
			}
			artifacts = append(artifacts, patch.Value)
		}
		return artifacts, nil
	}
	return nil, errors.New("there is no profile " + profile)
}
