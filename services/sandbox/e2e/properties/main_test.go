// Package properties lands random files and compares the outcome with the model.
package properties

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
