package stack

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
	"github.com/zackkki/ecomm_datapipeline/services/writer/staging"
)

// settings are the services' own configurations. A variable that a service's -h prints
// works here as it does there. NAME sets it for every service that knows it, and
// PREFIX_NAME for one of them, which counts more: MAX_BYTES_BILLED, for instance, is known
// to three, with a default each.
type settings struct {
	watcher    landing.Config
	parser     parsing.Config
	writer     staging.Config
	aggregator loading.Config
	reporter   reporting.Config
	daily      daily.Config
}

// program is what the sandbox configures of one of them.
type program struct {
	prefix string // of the variables that are for it alone
	spec   config.Validator
	cloud  *cloud.Config
	// defaults are the sandbox's own, where those of a cluster would only be waited for.
	defaults map[string]string
}

func (s *settings) programs() []program {
	return []program{
		{prefix: "WATCHER_", spec: &s.watcher, cloud: &s.watcher.Config, defaults: map[string]string{
			"SWEEP_INTERVAL": "5s", "SWEEP_GRACE": "5s", "STUCK_AFTER": "2m",
		}},
		{prefix: "PARSER_", spec: &s.parser, cloud: &s.parser.Config},
		{prefix: "WRITER_", spec: &s.writer, cloud: &s.writer.Config},
		{prefix: "AGGREGATOR_", spec: &s.aggregator, cloud: &s.aggregator.Config, defaults: map[string]string{
			"TRANSACTION_INTERVAL": "0s", "COMPLETENESS_INTERVAL": "100ms", "INCOMPLETE_AFTER": "1m",
			// Nothing is billed here, and the estimates count whole tables.
			"MAX_BYTES_BILLED": "0",
		}},
		{prefix: "REPORTER_", spec: &s.reporter, cloud: &s.reporter.Config},
		{prefix: "DAILY_", spec: &s.daily, cloud: &s.daily.Config},
	}
}

// owned says which variables of the services the sandbox sets itself: where its cloud is
// and what is in it, and the ports, which it has variables of its own for.
func owned(name string) bool {
	if name == "LISTEN_ADDR" || name == "SERVICE_URLS" {
		return true
	}
	return slices.ContainsFunc(config.Variables(&cloud.Config{}), func(v config.Variable) bool { return v.Name == name })
}

// lookup finds a program's variables.
func (p *program) lookup(variables map[string]string) config.Lookup {
	return func(name string) (string, bool) {
		if owned(name) {
			return "", false
		}
		for _, from := range []struct {
			values map[string]string
			name   string
		}{{variables, p.prefix + name}, {variables, name}, {p.defaults, name}} {
			if value, ok := from.values[from.name]; ok {
				return value, true
			}
		}
		return "", false
	}
}

// readSettings reads the services' configurations for a cloud. The error joins every
// fault and names the program.
func readSettings(variables map[string]string, endpoints cloud.Config) (*settings, error) {
	s := new(settings)
	var faults []error
	for _, p := range s.programs() {
		err := config.Fill(p.spec, p.lookup(variables))
		*p.cloud = endpoints
		if err == nil {
			err = p.spec.Validate()
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", p.name(), err))
		}
	}
	return s, errors.Join(faults...)
}

// name is what -h calls it by.
func (p *program) name() string {
	if p.prefix == "DAILY_" {
		return "reporter daily"
	}
	return strings.ToLower(strings.TrimSuffix(p.prefix, "_"))
}

// Environment is the environment of this process, for Config.Variables.
func Environment() map[string]string {
	variables := make(map[string]string)
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		variables[name] = value
	}
	return variables
}

// SettingsNote says in -h how the services are configured here.
func SettingsNote() string {
	var b strings.Builder
	b.WriteString("Every variable that a service's -h prints works here too, but for those of the cloud and of the ports.\n")
	b.WriteString("NAME is for all services that know it, PREFIX_NAME for one. The prefixes, and the defaults that differ here:\n")
	for _, p := range new(settings).programs() {
		fmt.Fprintf(&b, "\n  %-12s %s", p.prefix, p.name())
		for _, v := range config.Variables(p.spec) {
			if value, ok := p.defaults[v.Name]; ok {
				fmt.Fprintf(&b, "  %s=%s", v.Name, value)
			}
		}
	}
	return b.String()
}
