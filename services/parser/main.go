// Command parser reads landed files and publishes their records.
package main

import (
	"context"
	"os"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
)

func main() {
	var config parsing.Config
	os.Exit(service.Main("parser", &config, func(ctx context.Context, rt service.Runtime) (service.Runner, error) {
		return parsing.New(ctx, config, rt)
	}))
}
