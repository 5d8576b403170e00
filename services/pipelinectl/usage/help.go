package usage

import (
	"context"

	"github.com/urfave/cli/v3"
)

// helpCommand is ours, because the library's answers an unknown word with another status.
func helpCommand(otherWords map[string]string) *cli.Command {
	return &cli.Command{
		Name: "help", Aliases: []string{"h"}, Usage: "tell more of a command", ArgsUsage: "[COMMAND...]",
		Action: func(ctx context.Context, cmd *cli.Command) error {
			root := cmd.Root()
			if !cmd.Args().Present() {
				return cli.ShowRootCommandHelp(root)
			}
			parent, at := root, root
			var path []string
			for _, word := range cmd.Args().Slice() {
				next := at.Command(word)
				if next == nil {
					return group{root, at, path, otherWords}.hasNo(word)
				}
				parent, at, path = at, next, append(path, next.Name)
			}
			return cli.ShowCommandHelp(ctx, parent, at.Name)
		},
	}
}
