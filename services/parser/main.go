// The parser reads landed files and publishes their records. Run it with -h for its
// variables.
package main

import (
	"context"
	"os"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
)

func main() {
	var cfg parsing.Config
	os.Exit(service.Main("parser", &cfg, func(ctx context.Context, rt service.Runtime) (service.Runner, error) {
		return parsing.New(ctx, cfg, rt)
	}))
}
