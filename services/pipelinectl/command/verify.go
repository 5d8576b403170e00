package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/verify"
)

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "check the pipeline's promises against warehouse and bucket",
		Description: "Reads whole tables and changes nothing. Run it while no file is on its way; what it\n" +
			"finds otherwise may be a file half way. It misses no file that the bucket's lifecycle has\n" +
			"deleted. Ends with status 1 if a promise is broken.",
		Action: withConfig(runVerify),
	}
}

func runVerify(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	clients, err := verify.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clients.Close()) }()
	violations, err := verify.Invariants(ctx, clients)
	if err != nil {
		return err
	}
	for _, v := range violations {
		fmt.Fprintln(cmd.Root().Writer, v)
	}
	if len(violations) > 0 {
		return errors.New("the invariants do not hold")
	}
	fmt.Fprintln(cmd.Root().Writer, "all invariants hold")
	return nil
}
