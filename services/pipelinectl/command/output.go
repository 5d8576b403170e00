package command

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

// outputSetting is the flag of every command.
func outputSetting() cli.Flag {
	return &cli.StringFlag{
		Name: outputFlag, Aliases: []string{"o"}, Value: render.Table,
		Usage: "one of " + strings.Join(render.Formats, ", ") + "; json is one object a line for lists, and one document for the rest",
		Validator: func(format string) error {
			if !slices.Contains(render.Formats, format) {
				return fmt.Errorf("it is one of %s", strings.Join(render.Formats, ", "))
			}
			return nil
		},
	}
}

// printer prints what a command has to say. Rows and documents go to stdout, so that
// another program can read them; words for a person go there only beside a table, else to stderr.
type printer struct {
	format      string
	out, people io.Writer
}

func printerOf(cmd *cli.Command) printer {
	root := cmd.Root()
	p := printer{format: cmd.String(outputFlag), out: root.Writer, people: root.Writer}
	if p.format != render.Table {
		p.people = root.ErrWriter
	}
	return p
}

// say prints a line for a person.
func (p printer) say(format string, args ...any) { fmt.Fprintf(p.people, format+"\n", args...) }

// rows prints a list; where there is none, a table says so in words.
func (p printer) rows(rows render.Result, none string) error {
	if p.format == render.Table {
		whole := rows.Whole()
		if len(whole) == 0 {
			p.say("%s", none)
			return nil
		}
		rows = render.Result{Rows: render.Each(whole), Schema: rows.Schema}
	}
	_, err := render.Write(p.out, p.format, rows)
	return err
}

// beside prints a list for another program; a person is told in words instead.
func (p printer) beside(rows render.Result) error {
	if p.format == render.Table {
		return nil
	}
	return p.rows(rows, "")
}

// document prints one thing: as text for a person, as one JSON document, or as rows.
func (p printer) document(document any, text func(io.Writer) error, rows render.Result) error {
	switch p.format {
	case render.JSON:
		encoder := json.NewEncoder(p.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(document)
	case render.CSV:
		_, err := render.Write(p.out, p.format, rows)
		return err
	default:
		return text(p.out)
	}
}
