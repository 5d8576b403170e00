// The writer streams validated records, refused records and dead letters to
// BigQuery. Run it with -h for its variables.
package main

import (
	"context"
	"os"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/writer/staging"
)

func main() {
	var cfg staging.Config
	os.Exit(service.Main("writer", &cfg, func(ctx context.Context, rt service.Runtime) (service.Runner, error) {
		return staging.New(ctx, cfg, rt)
	}))
}
