package stack

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/faults"
)

// Config is the sandbox's configuration.
type Config struct {
	DataDir  string `envconfig:"SANDBOX_DATA_DIR" default:".sandbox" desc:"Folder of all state; survives restarts"`
	Generate bool   `envconfig:"SANDBOX_GENERATE" default:"true" desc:"Land sample files: catalogs and 120 days of orders at once, then fresh orders all the time"`
	Reports  bool   `envconfig:"SANDBOX_REPORTS" default:"true" desc:"Make the daily reports at the shop's midnight; at the start those of yesterday, if they are missing, and of today so far"`
	Services string `envconfig:"SANDBOX_SERVICES" default:"all" desc:"Services to run in this process: all, none, or names separated by commas"`

	Replicas int `envconfig:"SANDBOX_REPLICAS" default:"1" desc:"Processes' worth of each service but the reporter, to see that they get along; the second and later ones take any free port"`

	Host string `envconfig:"SANDBOX_HOST" default:"127.0.0.1" desc:"Name that clients reach this machine by; any but a loopback address makes all ports open to the network, where nobody is authenticated"`
	Log  string `envconfig:"SANDBOX_LOG" default:"file" desc:"Where the log goes: file (sandbox.log in the data folder) or stderr"`

	Faults string `envconfig:"SANDBOX_FAULTS" desc:"Plan of faults of the embedded cloud once it is provisioned, as PUT /faults on the sandbox's own port takes it; for instance: pubsub.* lost unavailable rate 0.05; storage.objects.rewrite fail unavailable first 1"`

	BigQueryLatency time.Duration `envconfig:"SANDBOX_BIGQUERY_LATENCY" default:"0s" desc:"Time that passes before each statement of a query job, as BigQuery needs some to start a child job; 0: none"`

	GenerateInterval time.Duration `envconfig:"SANDBOX_GENERATE_INTERVAL" default:"10s" desc:"Time between two generated order files. 1m is about the pace of the history"`
	GenerateOrders   int           `envconfig:"SANDBOX_GENERATE_ORDERS" default:"1" desc:"New orders per generated file in the busiest hour, fewer in others; later versions of earlier orders come along"`

	// Variables are the services' own, as their -h prints them, or with a service's prefix
	// for that one only (settings.go); others are passed over.
	Variables map[string]string `ignored:"true"`

	PubSubPort          int `envconfig:"SANDBOX_PUBSUB_PORT" default:"8085" desc:"Port of Pub/Sub; 0, here and below: any free one"`
	StoragePort         int `envconfig:"SANDBOX_STORAGE_PORT" default:"4443" desc:"Port of Cloud Storage"`
	BigQueryPort        int `envconfig:"SANDBOX_BIGQUERY_PORT" default:"9050" desc:"Port of BigQuery's REST API"`
	BigQueryStoragePort int `envconfig:"SANDBOX_BIGQUERY_STORAGE_PORT" default:"9060" desc:"Port of BigQuery's Storage API"`
	DashboardPort       int `envconfig:"SANDBOX_DASHBOARD_PORT" default:"8080" desc:"Port of the dashboard"`
	WatcherPort         int `envconfig:"SANDBOX_WATCHER_PORT" default:"8081" desc:"Port of the watcher's health and metrics"`
	ParserPort          int `envconfig:"SANDBOX_PARSER_PORT" default:"8082" desc:"Port of the parser's health and metrics"`
	WriterPort          int `envconfig:"SANDBOX_WRITER_PORT" default:"8083" desc:"Port of the writer's health and metrics"`
	AggregatorPort      int `envconfig:"SANDBOX_AGGREGATOR_PORT" default:"8084" desc:"Port of the aggregator's health and metrics"`
	ReadyPort           int `envconfig:"SANDBOX_READY_PORT" default:"8090" desc:"Port of the sandbox's own /readyz and /faults"`
}

// Where the log goes.
const (
	LogFile   = "file"
	LogStderr = "stderr"
)

// ProjectID is the sandbox's project.
const ProjectID = "ecomm-local"

// Validate names the variables at fault.
func (c *Config) Validate() error {
	var wrong []error
	if c.DataDir == "" {
		wrong = append(wrong, errors.New("SANDBOX_DATA_DIR must be set"))
	}
	if c.Host == "" {
		wrong = append(wrong, errors.New("SANDBOX_HOST must be set"))
	}
	if c.Log != LogFile && c.Log != LogStderr {
		wrong = append(wrong, fmt.Errorf("SANDBOX_LOG must be %s or %s, is %q", LogFile, LogStderr, c.Log))
	}
	if c.BigQueryLatency < 0 {
		wrong = append(wrong, errors.New("SANDBOX_BIGQUERY_LATENCY must not be negative"))
	}
	if c.GenerateInterval <= 0 {
		wrong = append(wrong, errors.New("SANDBOX_GENERATE_INTERVAL must be positive"))
	}
	if c.GenerateOrders <= 0 {
		wrong = append(wrong, errors.New("SANDBOX_GENERATE_ORDERS must be positive"))
	}
	if c.Replicas <= 0 {
		wrong = append(wrong, errors.New("SANDBOX_REPLICAS must be positive"))
	}
	if _, err := faults.Parse(c.Faults); err != nil {
		wrong = append(wrong, fmt.Errorf("SANDBOX_FAULTS: %w", err))
	}
	for _, name := range c.services() {
		if !slices.Contains(serviceNames, name) {
			wrong = append(wrong, fmt.Errorf("SANDBOX_SERVICES: no service is named %q", name))
		}
	}
	_, err := readSettings(c.Variables, cloud.Config{ProjectID: ProjectID, Location: "EU", Dataset: "d", Bucket: "b"})
	return errors.Join(append(wrong, err)...)
}

// services are the names of those to run.
func (c *Config) services() []string {
	switch c.Services {
	case "all":
		return serviceNames
	case "none", "":
		return nil
	}
	return strings.Split(c.Services, ",")
}

// local tells whether only clients on this machine are to reach the sandbox.
func (c *Config) local() bool {
	ip := net.ParseIP(c.Host)
	return c.Host == "" || c.Host == "localhost" || ip != nil && ip.IsLoopback()
}

// listen is where a port is served: where only this machine can reach it, as
// nothing here is authenticated, unless the configuration names another host.
func (c *Config) listen(port int) string {
	host := "127.0.0.1"
	if !c.local() {
		host = "0.0.0.0"
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// advertised is the name for clients on other machines, or "" if there are none.
func (c *Config) advertised() string {
	if c.local() {
		return ""
	}
	return c.Host
}
