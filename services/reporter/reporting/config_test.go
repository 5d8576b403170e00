package reporting

import (
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

func TestValidateNamesEveryFault(t *testing.T) {
	t.Parallel()
	cfg := testConfig()
	cfg.MaxBytesBilled = 1
	cfg.Config = cloud.Config{ProjectID: "p", Location: "l", Dataset: "d", Bucket: "b"}
	if err := cfg.Validate(); err != nil {
		t.Errorf("a right configuration: %v", err)
	}
	err := (&Config{Currency: "dollars"}).Validate()
	for _, name := range []string{
		"PROJECT_ID", "CURRENCY", "REFRESH_INTERVAL", "CACHE_TTL", "CACHE_BYTES", "QUERY_TIMEOUT", "QUERY_CONCURRENCY",
		"MAX_BYTES_BILLED", "MAX_PERIOD_DAYS", "MAX_EVENT_CLIENTS",
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
