package harness

import (
	"context"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/writer/staging"
)

// StartWriter runs the writer of a sandbox that was told to leave it out, until the test ends, and gives
// the address of its port.
func StartWriter(t *testing.T, p *Pipeline, changes ...func(*staging.Config)) (url string) {
	t.Helper()
	var cfg staging.Config
	if err := config.Defaults(&cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Config = p.Endpoints
	for _, change := range changes {
		change(&cfg)
	}
	url, _ = RunService(t, topology.Writer, func(rt service.Runtime) (service.Runner, error) {
		return staging.New(context.Background(), cfg, rt)
	})
	return url
}
