// Pipelinectl is the operator's tool: it provisions a project or a sandbox, makes
// and lands sample files, asks the warehouse, checks the pipeline's promises and
// measures its speed. Run it with --help.
package main

import (
	"fmt"
	"os"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

func main() {
	ctx, stop := service.SignalContext()
	defer stop()
	if err := command.Root().Run(ctx, os.Args); err != nil {
		fmt.Fprintf(os.Stderr, "pipelinectl: %v\n", err)
		os.Exit(usage.Status(err))
	}
}
