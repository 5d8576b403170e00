// Package console is what a command says and to whom: rows and documents in the format of
// --output, words for a person, and a bar while something lasts.
package console

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

// OutputFlag is the flag that every command has.
const OutputFlag = "output"

// OutputSetting is it.
func OutputSetting() cli.Flag {
	return &cli.StringFlag{
		Name: OutputFlag, Aliases: []string{"o"}, Value: render.Table,
		Usage: "one of " + strings.Join(render.Formats, ", ") + "; json is one object a line for lists, and one document for the rest",
		Validator: func(format string) error {
			if !slices.Contains(render.Formats, format) {
				return fmt.Errorf("it is one of %s", strings.Join(render.Formats, ", "))
			}
			return nil
		},
	}
}

// Printer prints what a command has to say. Rows and documents go to stdout, so that
// another program can read them; words for a person go there only beside a table, else to stderr.
type Printer struct {
	Format string    // one of render.Formats
	Out    io.Writer // for rows and documents
	people io.Writer
}

// PrinterOf is the printer of a command that runs.
func PrinterOf(cmd *cli.Command) Printer {
	root := cmd.Root()
	p := Printer{Format: cmd.String(OutputFlag), Out: root.Writer, people: root.Writer}
	if p.Format != render.Table {
		p.people = root.ErrWriter
	}
	return p
}

// ReportPrinterOf is the printer of a command whose report is JSON unless --output is given.
func ReportPrinterOf(cmd *cli.Command) Printer {
	p := PrinterOf(cmd)
	if !cmd.IsSet(OutputFlag) {
		p.Format, p.people = render.JSON, cmd.Root().ErrWriter
	}
	return p
}

// Say prints a line for a person.
func (p Printer) Say(format string, args ...any) { fmt.Fprintf(p.people, format+"\n", args...) }

// Rows prints a list; where there is none, a table says so in words.
func (p Printer) Rows(rows render.Result, none string) error {
	if p.Format == render.Table {
		whole := rows.Whole()
		if len(whole) == 0 {
			p.Say("%s", none)
			return nil
		}
		rows = render.Result{Rows: render.Each(whole), Schema: rows.Schema}
	}
	_, err := render.Write(p.Out, p.Format, rows)
	return err
}

// Beside prints a list for another program; a person is told in words instead.
func (p Printer) Beside(rows render.Result) error {
	if p.Format == render.Table {
		return nil
	}
	return p.Rows(rows, "")
}

// Figures prints a report of many figures, which nobody reads whole: for a person as lines.
// JSON is the default of whoever calls it, because reports are kept and compared.
func (p Printer) Figures(report any) error {
	rows, err := render.Figures(report)
	if err != nil {
		return err
	}
	return p.Document(report, func(w io.Writer) error {
		_, err := render.Write(w, render.Table, rows)
		return err
	}, rows)
}

// Document prints one thing: as text for a person, as one JSON document, or as rows.
func (p Printer) Document(document any, text func(io.Writer) error, rows render.Result) error {
	switch p.Format {
	case render.JSON:
		encoder := json.NewEncoder(p.Out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(document)
	case render.CSV:
		_, err := render.Write(p.Out, p.Format, rows)
		return err
	default:
		return text(p.Out)
	}
}
