package stack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// endpointsFile holds the variables that point the services, pipelinectl and
// every official client at this sandbox.
const endpointsFile = "endpoints.env"

// variables are addresses in the form that each client reads: those of the REST APIs
// as URLs, without which Node's and Python's clients take them for no address or for https,
// those of gRPC as host:port, which is all that any client understands.
func (s *Stack) variables(c cloud.Config) [][2]string {
	return [][2]string{
		{"PROJECT_ID", c.ProjectID},
		{"LOCATION", c.Location},
		{"DATASET", c.Dataset},
		{"BUCKET", c.Bucket},
		{"PUBSUB_EMULATOR_HOST", c.PubSubHost},
		{"STORAGE_EMULATOR_HOST", "http://" + c.StorageHost},
		{"BIGQUERY_EMULATOR_HOST", "http://" + c.BigQueryHost},
		{"BIGQUERY_STORAGE_GRPC_ENDPOINT", c.BigQueryStorageEndpoint},
		{"RESOURCE_MANAGER_EMULATOR_HOST", c.ResourceManagerHost},
		{"MONITORING_EMULATOR_HOST", c.MonitoringHost},
	}
}

// writeEndpoints writes the variables.
func (s *Stack) writeEndpoints(c cloud.Config) error {
	var text strings.Builder
	for _, v := range s.variables(c) {
		fmt.Fprintf(&text, "%s=%s\n", v[0], v[1])
	}
	fmt.Fprintf(&text, "DASHBOARD_URL=%s\nSANDBOX_READY_URL=%s\nSERVICE_URLS=%s\n", s.DashboardURL(), s.ReadyURL(), s.namedURLs())
	return s.writeState(endpointsFile, []byte(text.String()))
}

// writeState writes a file of the data folder in one step, so that nobody ever sees half of it.
func (s *Stack) writeState(name string, text []byte) error {
	file, err := os.CreateTemp(s.config.DataDir, name+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(file.Name()) // fails once it is renamed
	_, err = file.Write(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(file.Name(), filepath.Join(s.config.DataDir, name))
}

// namedURLs are the services' addresses in the form of the reporter's variable SERVICE_URLS.
func (s *Stack) namedURLs() string {
	var named []string
	for _, name := range s.config.services() {
		named = append(named, name+"="+s.ServiceURL(name))
	}
	return strings.Join(named, ",")
}

// WriteGuide tells a person where everything is and what to try first.
func (s *Stack) WriteGuide(w io.Writer) {
	c := s.Endpoints()
	fmt.Fprintf(w, "\n  The pipeline is running on an embedded Google Cloud.\n\n")
	if url := s.DashboardURL(); url != "" {
		fmt.Fprintf(w, "  Dashboard      %s\n", url)
	}
	fmt.Fprintf(w, "  Data folder    %s (log: sandbox.log)\n", s.config.DataDir)
	fmt.Fprintf(w, "  Drop folder    %s/{orders,products,customers}/\n", s.DropDir())
	fmt.Fprintf(w, "  Ready          %s\n", s.ReadyURL())
	fmt.Fprintf(w, "  Pub/Sub        %s\n", c.PubSubHost)
	fmt.Fprintf(w, "  Storage        http://%s  bucket %s\n", c.StorageHost, c.Bucket)
	fmt.Fprintf(w, "  BigQuery       http://%s (REST)  %s (Storage Write)  dataset %s\n", c.BigQueryHost, c.BigQueryStorageEndpoint, c.Dataset)
	for _, name := range s.config.services() {
		fmt.Fprintf(w, "  %-14s http://%s/metrics\n", name, s.hosts[name].Addr())
	}
	fmt.Fprintf(w, "\n  Try first, in another terminal:\n")
	fmt.Fprintf(w, "    set -a; . %s; set +a\n", filepath.Join(s.config.DataDir, endpointsFile))
	fmt.Fprintf(w, "    go run ./services/pipelinectl status\n")
	fmt.Fprintf(w, "    go run ./services/pipelinectl query \"SELECT landing_name, records, loaded, verdict FROM file_ledger ORDER BY loaded_at DESC LIMIT 10\"\n")
	fmt.Fprintf(w, "\n  Stop with Ctrl-C; the data stays.\n\n")
}
