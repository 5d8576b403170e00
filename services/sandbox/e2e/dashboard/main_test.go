package dashboard

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
