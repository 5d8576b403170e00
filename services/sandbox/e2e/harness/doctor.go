package harness

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
)

func MustExamine(t *testing.T, cfg cloud.Config, opts doctor.Options) []doctor.Finding {
	t.Helper()
	findings, err := doctor.Examine(t.Context(), cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}
