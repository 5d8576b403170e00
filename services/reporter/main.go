// The reporter serves the live dashboard and its JSON API; "reporter daily" makes
// the daily reports. Run either with -h for its variables.
package main

import (
	"context"
	"os"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "daily" {
		os.Exit(daily.Main(os.Args[2:]))
	}
	var cfg reporting.Config
	os.Exit(service.Main("reporter", &cfg, func(ctx context.Context, rt service.Runtime) (service.Runner, error) {
		return reporting.New(ctx, cfg, rt)
	}, `"reporter daily" makes the daily reports; see "reporter daily -h".`))
}
