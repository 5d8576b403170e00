// The reporter serves the live dashboard and its JSON API. Run it with -h for
// its variables.
package main

import (
	"context"
	"os"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
)

func main() {
	var cfg reporting.Config
	os.Exit(service.Main("reporter", &cfg, func(ctx context.Context, rt service.Runtime) (service.Runner, error) {
		return reporting.New(ctx, cfg, rt)
	}))
}
