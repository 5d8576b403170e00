package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/version"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/check"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/replay"
)

// What the program ends with.
const (
	statusFound  = 1 // something was found, or could not be done
	statusMisuse = 2
)

// statusError is an error that ends the program with a status of its own.
type statusError struct {
	error
	status int
}

func (e *statusError) Unwrap() error { return e.error }

// Status is what the program ends with after an error: 2 after wrong use, else 1.
func Status(err error) int {
	if own, ok := errors.AsType[*statusError](err); ok {
		return own.status
	}
	// The library's own errors of this kind are of its help.
	if _, ok := errors.AsType[cli.ExitCoder](err); ok {
		return statusMisuse
	}
	return statusFound
}

// misuse is an error of whoever typed the command line.
func misuse(format string, args ...any) error {
	return &statusError{fmt.Errorf(format, args...), statusMisuse}
}

// asMisuse makes an error one of wrong use; nil stays nil.
func asMisuse(err error) error {
	if err == nil {
		return nil
	}
	return &statusError{err, statusMisuse}
}

// usage ends the program with status 2 where it was used wrongly.
func usage(do cli.ActionFunc) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) error {
		err := do(ctx, cmd)
		if errors.Is(err, check.ErrUsage) || errors.Is(err, os.ErrNotExist) || errors.Is(err, replay.ErrUnknownSubscription) || errors.Is(err, replay.ErrNoDeadLetters) {
			return asMisuse(err)
		}
		return err
	}
}

// frame has every command answer wrong words in one way: with what was meant, perhaps, and
// with status 2.
func frame(root *cli.Command) *cli.Command {
	root.ExitErrHandler = func(context.Context, *cli.Command, error) {} // main ends the program
	everyCommand(root, nil, func(cmd *cli.Command, path []string) {
		cmd.OnUsageError, cmd.HideHelpCommand = wrongFlag, true
		switch {
		case len(cmd.Commands) > 0:
			cmd.Action = unknownCommand(root, cmd, path)
		case cmd.ArgsUsage == "":
			cmd.Action = noArguments(cmd.Action)
		}
	})
	return root
}

// everyCommand visits a command and those below it, with the words that lead to each.
func everyCommand(cmd *cli.Command, path []string, visit func(cmd *cli.Command, path []string)) {
	visit(cmd, path)
	for _, sub := range cmd.Commands {
		everyCommand(sub, append(path[:len(path):len(path)], sub.Name), visit)
	}
}

// wrongFlag answers a flag that there is not, or that has a wrong value.
func wrongFlag(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	hint := ""
	// The library says only in words which flag it was; it is a hint, and no more.
	if name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); unknown {
		if meant := nearestFlag(cmd, strings.TrimLeft(name, "-")); meant != "" {
			hint = "; did you mean --" + meant + "?"
		}
	}
	return misuse("%w%s (%s --help lists what there is)", err, hint, cmd.FullName())
}

// unknownCommand shows the help of a group of commands, or answers a word that is none of them.
func unknownCommand(root, group *cli.Command, path []string) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) error {
		switch {
		case cmd == cmd.Root() && cmd.Bool(version.Flag):
			return printVersion(cmd)
		case !cmd.Args().Present() && cmd == cmd.Root():
			return cli.ShowRootCommandHelp(cmd)
		case !cmd.Args().Present():
			return cli.ShowSubcommandHelp(cmd)
		}
		return noSuchCommand(root, group, path, cmd.Args().First())
	}
}

// noSuchCommand is the answer to a word that is no command of a group.
func noSuchCommand(root, group *cli.Command, path []string, word string) error {
	where := strings.Join(append([]string{"pipelinectl"}, path...), " ")
	if meant := nearestCommand(root, group, path, word); meant != "" {
		return misuse("%s has no command %q; did you mean pipelinectl %s?", where, word, meant)
	}
	return misuse("%s has no command %q; %s --help lists them", where, word, where)
}

func noArguments(do cli.ActionFunc) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) error {
		if cmd.Args().Present() {
			return misuse("%s takes no argument, and %q is one", cmd.FullName(), cmd.Args().First())
		}
		return do(ctx, cmd)
	}
}
