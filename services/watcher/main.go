// The watcher claims files that land in the bucket, has them read, and puts them
// away when they are done. Run it with -h for its variables.
package main

import (
	"context"
	"os"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
)

func main() {
	var cfg landing.Config
	os.Exit(service.Main("watcher", &cfg, func(ctx context.Context, rt service.Runtime) (service.Runner, error) {
		return landing.New(ctx, cfg, rt)
	}))
}
