package stack

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kelseyhightower/envconfig"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
	"github.com/zackkki/ecomm_datapipeline/services/writer/staging"
)

var testCloud = cloud.Config{ProjectID: ProjectID, Location: "EU", Dataset: "d", Bucket: "b", PubSubHost: "localhost:1"}

// notHonoured says why a variable that a service's -h prints does nothing here.
var notHonoured = map[string]string{
	"PROJECT_ID": "the sandbox's project", "LOCATION": "its location", "DATASET": "its dataset", "BUCKET": "its bucket",
	"PUBSUB_EMULATOR_HOST": "its cloud", "STORAGE_EMULATOR_HOST": "its cloud", "BIGQUERY_EMULATOR_HOST": "its cloud",
	"BIGQUERY_STORAGE_GRPC_ENDPOINT": "its cloud", "RESOURCE_MANAGER_EMULATOR_HOST": "its cloud", "MONITORING_EMULATOR_HOST": "its cloud",
	"LISTEN_ADDR": "SANDBOX_*_PORT", "SERVICE_URLS": "SANDBOX_*_PORT",
}

// other is a text for the variable that gives another value than the present one.
func other(v config.Variable) (string, error) {
	switch value := v.Value().(type) {
	case time.Duration:
		return (value + time.Second).String(), nil
	case []string:
		return "first,second", nil
	case calendar.Zone:
		return "America/New_York", nil
	}
	value := reflect.ValueOf(v.Value())
	switch value.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(!value.Bool()), nil
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(value.Int()+1, 10), nil
	case reflect.Float64:
		return strconv.FormatFloat(value.Float()/2+0.001, 'g', -1, 64), nil
	case reflect.String:
		return value.String() + "x", nil
	default:
		return "", fmt.Errorf("%s: no other value of type %T is known: add one", v.Name, v.Value())
	}
}

// values are a configuration's values by variable, those that the sandbox owns left out.
func values(spec any) map[string]any {
	all := make(map[string]any)
	for _, v := range config.Variables(spec) {
		if _, own := notHonoured[v.Name]; !own {
			all[v.Name] = plain(v.Value())
		}
	}
	return all
}

// TestSettings sets every variable of every service, in the environment of the service
// and in the sandbox's: both must come to the same configuration, and with the service's
// prefix no other service's must change.
func TestSettings(t *testing.T) {
	untouched := make(map[string]map[string]any)
	for _, p := range fill(t, nil).programs() {
		untouched[p.prefix] = values(p.spec)
	}
	for i, p := range new(settings).programs() {
		for _, v := range config.Variables(p.spec) {
			t.Setenv(v.Name, "") // restores it after the test
			if err := os.Unsetenv(v.Name); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range config.Variables(fill(t, nil).programs()[i].spec) {
			if _, own := notHonoured[v.Name]; own != owned(v.Name) {
				t.Errorf("%s: owned %v, and the test says why: %v", v.Name, owned(v.Name), own)
			}
			if owned(v.Name) {
				continue
			}
			text, err := other(v)
			if err != nil {
				t.Error(err)
				continue
			}
			want := alone(t, p, v.Name, text)
			for _, name := range []string{v.Name, p.prefix + v.Name} {
				got := fill(t, map[string]string{name: text}).programs()
				if diff := cmp.Diff(want, value(got[i].spec, v.Name)); diff != "" {
					t.Errorf("%s=%s (-the service, +the sandbox):\n%s", name, text, diff)
				}
				for j, q := range got {
					if changed := !cmp.Equal(values(q.spec), untouched[q.prefix]); changed && j != i && name != v.Name {
						t.Errorf("%s=%s changed the configuration of the %s", name, text, q.name())
					} else if !changed && j == i {
						t.Errorf("%s=%s did nothing", name, text)
					}
				}
			}
		}
	}
}

// fill reads the configurations without judging them: a value that is merely another one
// need not be a sensible one.
func fill(t *testing.T, variables map[string]string) *settings {
	t.Helper()
	s := new(settings)
	for _, p := range s.programs() {
		if err := config.Fill(p.spec, p.lookup(variables)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// alone is what the service itself makes of a variable in its environment.
func alone(t *testing.T, p program, name, text string) any {
	t.Helper()
	spec := reflect.New(reflect.TypeOf(p.spec).Elem()).Interface()
	if err := os.Setenv(name, text); err != nil {
		t.Fatal(err)
	}
	if err := envconfig.Process("", spec); err != nil {
		t.Fatal(err)
	}
	if err := os.Unsetenv(name); err != nil {
		t.Fatal(err)
	}
	return value(spec, name)
}

func value(spec any, name string) any {
	all := config.Variables(spec)
	return plain(all[slices.IndexFunc(all, func(v config.Variable) bool { return v.Name == name })].Value())
}

// plain makes a value comparable.
func plain(value any) any {
	if zone, ok := value.(calendar.Zone); ok {
		return zone.String()
	}
	return value
}

// TestDefaultsOfSettings: without a variable the services are as in a cluster, but for the
// sandbox's own defaults, and that each of those is of a variable that exists.
func TestDefaultsOfSettings(t *testing.T) {
	t.Parallel()
	for _, p := range fill(t, nil).programs() {
		shipped := reflect.New(reflect.TypeOf(p.spec).Elem()).Interface()
		if err := config.Defaults(shipped); err != nil {
			t.Fatal(err)
		}
		want, got := values(shipped), values(p.spec)
		for name := range p.defaults {
			if _, ok := want[name]; !ok {
				t.Errorf("%s: no variable is named %s", p.name(), name)
			}
			delete(want, name)
			delete(got, name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-shipped, +sandbox):\n%s", p.name(), diff)
		}
	}
}

func TestSettingsAreValidated(t *testing.T) {
	t.Parallel()
	set, err := readSettings(map[string]string{"MAX_BYTES_BILLED": "7", "REPORTER_MAX_BYTES_BILLED": "8", "PROJECT_ID": "other"}, testCloud)
	if err != nil {
		t.Fatal(err)
	}
	got := []int64{set.aggregator.MaxBytesBilled, set.reporter.MaxBytesBilled, set.daily.MaxBytesBilled}
	if diff := cmp.Diff([]int64{7, 8, 7}, got); diff != "" {
		t.Errorf("limits of aggregator, reporter and reports (-want +got):\n%s", diff)
	}
	if set.parser.ProjectID != ProjectID || set.parser.PubSubHost != testCloud.PubSubHost {
		t.Errorf("the parser's cloud is %+v", set.parser.Config)
	}
	_, err = readSettings(map[string]string{"DUPLICATE_POLICY": "none", "PARSER_MAX_FILES": "x", "DAILY_CHURN_AFTER_DAYS": "0"}, testCloud)
	if err == nil {
		t.Fatal("wrong settings were taken")
	}
	for _, fault := range []string{"aggregator: ", "DUPLICATE_POLICY", "parser: MAX_FILES", "reporter daily: ", "CHURN_AFTER_DAYS"} {
		if !strings.Contains(err.Error(), fault) {
			t.Errorf("%q does not name %q", err, fault)
		}
	}
}

// TestPortsAreThoseOfTheServices: a service has the same port by default in the sandbox and alone.
func TestPortsAreThoseOfTheServices(t *testing.T) {
	t.Parallel()
	var cfg Config
	if err := config.Defaults(&cfg); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{
		topology.Watcher: cfg.WatcherPort, topology.Parser: cfg.ParserPort, topology.Writer: cfg.WriterPort,
		topology.Aggregator: cfg.AggregatorPort, topology.Reporter: cfg.DashboardPort,
	}
	want := map[string]int{
		topology.Watcher: landing.DefaultPort, topology.Parser: parsing.DefaultPort, topology.Writer: staging.DefaultPort,
		topology.Aggregator: loading.DefaultPort, topology.Reporter: reporting.DefaultPort,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the sandbox's defaults (-services' +sandbox's):\n%s", diff)
	}
}
