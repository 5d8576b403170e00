package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTable prints the findings for a person: a line each, under it what to do.
func WriteTable(w io.Writer, findings []Finding) error {
	tabs := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(tabs, "%s\t%s\t%s\n", f.Status, f.Check, oneLine(f.Detail))
		if f.Remedy != "" {
			fmt.Fprintf(tabs, "\t\t-> %s\n", f.Remedy)
		}
	}
	return tabs.Flush()
}

// oneLine keeps a table a table: errors of the client libraries have several lines.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// WriteJSON prints the findings as one JSON array.
func WriteJSON(w io.Writer, findings []Finding) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(findings)
}
