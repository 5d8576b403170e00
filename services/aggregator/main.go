// The aggregator loads complete files into the star schema, one transaction at a
// time. Run it with -h for its variables.
package main

import (
	"context"
	"os"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
)

func main() {
	var cfg loading.Config
	os.Exit(service.Main("aggregator", &cfg, func(ctx context.Context, rt service.Runtime) (service.Runner, error) {
		return loading.New(ctx, cfg, rt)
	}))
}
