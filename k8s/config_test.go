package k8s

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kelseyhightower/envconfig"
	corev1 "k8s.io/api/core/v1"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
	"github.com/zackkki/ecomm_datapipeline/services/writer/staging"
)

var update = flag.Bool("update", false, "write base/config/*.env from the services' configurations")

// configs makes the configuration that each workload's program reads. The sandbox's is
// checked in package local, against the program itself: to link it here would take
// its engines along.
var configs = map[string]func() config.Validator{
	"watcher":    func() config.Validator { return &landing.Config{} },
	"parser":     func() config.Validator { return &parsing.Config{} },
	"writer":     func() config.Validator { return &staging.Config{} },
	"aggregator": func() config.Validator { return &loading.Config{} },
	"reporter":   func() config.Validator { return &reporting.Config{} },
	// The reporter's program, as "reporter daily".
	"daily-reports": func() config.Validator { return &daily.Config{} },
	"pipelinectl":   func() config.Validator { return &provision.Settings{} },
}

// runtimeVariables are read by Go's runtime in every program.
var runtimeVariables = []string{"GOMEMLIMIT"}

// TestConfigFiles compares base/config with the tables that -h prints.
func TestConfigFiles(t *testing.T) {
	t.Parallel()
	for workload, build := range configs {
		want, err := envFile(workload, build())
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("base", "config", workload+".env")
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s is not what `%s -h` prints; run go test ./k8s -update", path, workload)
		}
	}
}

// envFile writes the variables of a program with their defaults; one without a
// default stands there as a comment, for an overlay to set.
func envFile(workload string, spec config.Validator) ([]byte, error) {
	var file bytes.Buffer
	fmt.Fprintf(&file, "# The variables of %s with their defaults, as it prints them with -h.\n", workload)
	file.WriteString("# Written by `go test ./k8s -update`: change the code, or an overlay, not this file.\n")
	for _, v := range variables(reflect.TypeOf(spec).Elem()) {
		fmt.Fprintf(&file, "\n# %s\n", v.description)
		if !v.hasDefault {
			file.WriteString("# ")
		}
		fmt.Fprintf(&file, "%s=%s\n", v.name, v.value)
	}
	return file.Bytes(), nil
}

// variable is one of a program's variables.
type variable struct {
	name, value, description string
	hasDefault               bool
}

// variables reads a configuration's tags, as envconfig does.
func variables(spec reflect.Type) []variable {
	var list []variable
	for i := range spec.NumField() {
		field := spec.Field(i)
		name := field.Tag.Get("envconfig")
		if name == "" && field.Anonymous {
			list = append(list, variables(field.Type)...)
			continue
		}
		value, ok := field.Tag.Lookup("default")
		list = append(list, variable{name, value, field.Tag.Get("desc"), ok})
	}
	return list
}

// TestEnvironments gives each container's variables to the configuration of its
// program: the program would start, and none of them is one that it does not read.
func TestEnvironments(t *testing.T) {
	for _, overlay := range manifest.Overlays {
		set := render(t, overlay)
		for _, w := range workloads(set) {
			for _, c := range w.pod.Containers {
				if c.Image == "sandbox" {
					continue
				}
				t.Run(overlay+"/"+w.name, func(t *testing.T) { checkEnvironment(t, set, w.name, &c) })
			}
		}
		for _, v := range loadSkaffold(t).Verify {
			job := verifyJob(t, v)
			t.Run(overlay+"/"+v.Name, func(t *testing.T) {
				checkEnvironment(t, set, v.Container.Image, &job.Spec.Template.Spec.Containers[0])
			})
		}
	}
}

func checkEnvironment(t *testing.T, set *manifest.Set, workload string, c *corev1.Container) {
	build, ok := configs[workload]
	if !ok {
		t.Fatalf("no program is known for %s", workload)
	}
	spec := build()
	environment, err := set.Environment(c)
	if err != nil {
		t.Fatal(err)
	}
	known := slices.Clone(runtimeVariables)
	for _, v := range variables(reflect.TypeOf(spec).Elem()) {
		known = append(known, v.name)
		t.Setenv(v.name, "") // restores it after the test
		if err := os.Unsetenv(v.name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		if !slices.Contains(known, name) {
			t.Errorf("%s does not read %s", workload, name)
		}
		t.Setenv(name, environment[name])
	}
	if err := config.Load(spec); err != nil {
		t.Errorf("%s would not start: %v", workload, err)
	}
	for _, name := range []string{"PROJECT_ID", "BUCKET"} {
		if strings.TrimSpace(environment[name]) == "" {
			t.Errorf("%s is not set", name)
		}
	}
}

// TestVariablesAreEnvconfigs compares this file's reading of the tags with the
// library's, on which -h rests.
func TestVariablesAreEnvconfigs(t *testing.T) {
	t.Parallel()
	for workload, build := range configs {
		spec := build()
		var table bytes.Buffer
		if err := envconfig.Usagef("", spec, &table, "{{range .}}{{usage_key .}}={{usage_default .}}\n{{end}}"); err != nil {
			t.Fatal(err)
		}
		var have strings.Builder
		for _, v := range variables(reflect.TypeOf(spec).Elem()) {
			fmt.Fprintf(&have, "%s=%s\n", v.name, v.value)
		}
		if have.String() != table.String() {
			t.Errorf("%s: read %q, envconfig says %q", workload, have.String(), table.String())
		}
	}
}
