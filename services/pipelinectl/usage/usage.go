// Package usage is how the command line answers the words that it is given: which command
// was meant by one that there is not, what a command is for, and the status with which the
// program ends after wrong use. It knows no command by name.
package usage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"
)

// What the program ends with.
const (
	StatusFound = 1 // something was found, or could not be done
	StatusWrong = 2
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
		return StatusWrong
	}
	return StatusFound
}

// Errorf is an error of whoever typed the command line.
func Errorf(format string, args ...any) error {
	return &statusError{fmt.Errorf(format, args...), StatusWrong}
}

// Wrong makes an error one of wrong use; nil stays nil.
func Wrong(err error) error {
	if err == nil {
		return nil
	}
	return &statusError{err, StatusWrong}
}

// Frame has every command answer wrong words in one way: with what was meant, perhaps, and
// with status 2. otherWords are those that people of other tools try first, behind the words of a
// group or alone, and the command lines that they mean here.
func Frame(root *cli.Command, otherWords map[string]string) *cli.Command {
	root.Commands = append(root.Commands, helpCommand(otherWords))
	root.ExitErrHandler = func(context.Context, *cli.Command, error) {} // main ends the program
	Every(root, func(cmd *cli.Command, path []string) {
		cmd.OnUsageError, cmd.HideHelpCommand = wrongFlag, true
		switch {
		case len(cmd.Commands) > 0:
			cmd.Action = group{root, cmd, path, otherWords}.answer
		case cmd.ArgsUsage == "":
			cmd.Action = noArguments(cmd.Action)
		}
	})
	return root
}

// Every visits a command and those below it, with the words that lead to each.
func Every(root *cli.Command, visit func(cmd *cli.Command, path []string)) { every(root, nil, visit) }

func every(cmd *cli.Command, path []string, visit func(cmd *cli.Command, path []string)) {
	visit(cmd, path)
	for _, sub := range cmd.Commands {
		every(sub, append(path[:len(path):len(path)], sub.Name), visit)
	}
}

// wrongFlag answers a flag that there is not, or that has a wrong value.
func wrongFlag(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	hint := ""
	// The library says only in words which flag it was; it is a hint, and no more.
	if name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); unknown {
		if strings.ContainsAny(name, " \t\n") {
			return Errorf("an argument that begins with - is taken for a flag: put -- before it (%s --help lists the flags)", cmd.FullName())
		}
		if meant := nearestFlag(cmd, strings.TrimLeft(name, "-")); meant != "" {
			hint = "; did you mean --" + meant + "?"
		}
	}
	return Errorf("%w%s (%s --help lists what there is)", err, hint, cmd.FullName())
}

// group is a command with commands below it.
type group struct {
	root, of   *cli.Command
	path       []string // the words that lead to it
	otherWords map[string]string
}

// answer shows the help of the group, or answers a word that is none of its commands.
func (g group) answer(_ context.Context, cmd *cli.Command) error {
	switch {
	case !cmd.Args().Present() && cmd == cmd.Root():
		return cli.ShowRootCommandHelp(cmd)
	case !cmd.Args().Present():
		return cli.ShowSubcommandHelp(cmd)
	}
	return g.hasNo(cmd.Args().First())
}

// hasNo is the answer to a word that is no command of the group.
func (g group) hasNo(word string) error {
	name := g.root.Name
	where := strings.Join(append([]string{name}, g.path...), " ")
	if meant := g.nearest(word); meant != "" {
		return Errorf("%s has no command %q; did you mean %s %s?", where, word, name, meant)
	}
	return Errorf("%s has no command %q; %s --help lists them", where, word, where)
}

func noArguments(do cli.ActionFunc) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) error {
		if cmd.Args().Present() {
			return Errorf("%s takes no argument, and %q is one", cmd.FullName(), cmd.Args().First())
		}
		return do(ctx, cmd)
	}
}
