// Package images builds the programs that skaffold.yaml puts into images, by the same
// rules, for this machine instead of a registry.
package images

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

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
	builds, ctx := errgroup.WithContext(ctx)
	builds.SetLimit(runtime.GOMAXPROCS(0)) // they mostly link, which uses one core
	for _, a := range artifacts {
		program := filepath.Join(dir, a.Image)
		programs[a.Image] = program
		builds.Go(func() error {
			command := exec.CommandContext(ctx, "go", "build", "-ldflags", strings.Join(a.Ko.Ldflags, " "), "-o", program, a.Ko.Main)
			command.Dir = filepath.Join(manifest.Root(), a.Ko.Dir)
			command.Env = append(os.Environ(), a.Ko.Env...)
			if output, err := command.CombinedOutput(); err != nil {
				return fmt.Errorf("build %s: %w\n%s", a.Image, err, output)
			}
			return nil
		})
	}
	return programs, builds.Wait()
}
