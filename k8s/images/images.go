// Package images builds the programs that skaffold.yaml puts into images, by the same
// rules, for this machine instead of a registry.
package images

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/k8s/skaffold"
)

// Build builds the programs of a profile into dir and returns their paths by image.
// It leaves out -trimpath, which changes nothing but the paths in stack traces, and
// would have every package compiled a second time.
func Build(ctx context.Context, profile, dir string) (map[string]string, error) {
	config, err := skaffold.Load()
	if err != nil {
		return nil, err
	}
	artifacts, err := config.Artifacts(profile)
	if err != nil {
		return nil, err
	}
	programs := make(map[string]string)
	for _, a := range artifacts {
		programs[a.Image] = filepath.Join(dir, a.Image)
		command := exec.CommandContext(ctx, "go", "build", "-ldflags", strings.Join(a.Ko.Ldflags, " "), "-o", programs[a.Image], a.Ko.Main)
		command.Dir = filepath.Join(manifest.Root(), a.Ko.Dir)
		command.Env = append(os.Environ(), a.Ko.Env...)
		if output, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s: %w\n%s", a.Image, err, output)
		}
	}
	return programs, nil
}
