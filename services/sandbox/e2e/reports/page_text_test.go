package reports

import (
	"math/big"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
)

// tableRows are the cells of the table in a section whose head begins with these
// words; text as a person reads it.
func tableRows(root *html.Node, section string, head ...string) [][]string {
	for table := range root.Descendants() {
		if table.Data != "table" || !within(table, section) {
			continue
		}
		var rows [][]string
		for node := range table.Descendants() {
			if node.Data != "tr" {
				continue
			}
			var cells []string
			for cell := range node.ChildNodes() {
				if cell.Data == "td" || cell.Data == "th" {
					cells = append(cells, textOf(cell))
				}
			}
			rows = append(rows, cells)
		}
		if len(rows) > 0 && len(rows[0]) >= len(head) && slices.Equal(rows[0][:len(head)], head) {
			return rows[1:]
		}
	}
	return nil
}

func within(node *html.Node, section string) bool {
	for parent := range node.Ancestors() {
		for _, a := range parent.Attr {
			if a.Key == "id" && a.Val == section {
				return true
			}
		}
	}
	return false
}

func textOf(node *html.Node) string {
	var b strings.Builder
	for d := range node.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return words(b.String())
}

// words joins a text's words by one blank, as a browser does.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// shown is a decimal with so many places and its thousands apart.
func shown(text string, places int) string {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return "no number: " + text
	}
	whole, fraction, _ := strings.Cut(r.FloatString(places), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + "." + fraction
}

func changeText(ratio string) string {
	if ratio == "" {
		return "–"
	}
	r, _ := new(big.Rat).SetString(ratio)
	text := r.Mul(r, big.NewRat(100, 1)).FloatString(1) + " %"
	if r.Sign() > 0 {
		return "+" + text
	}
	return strings.Replace(text, "-", "−", 1)
}

// cellsOf reads a row's cells by their names.
func cellsOf(id string, row []string) func(string) string {
	return func(name string) string { return row[slices.Index(reportcheck.ReportColumns[id], name)] }
}

func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return r
}

func percentText(r *big.Rat) string {
	return new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(1) + " %"
}

func unitText(value, unit string) string {
	switch unit {
	case "count":
		whole, _, _ := strings.Cut(shown(value, 0), ".")
		return whole
	case "share":
		return percentText(rat(value))
	case "hours":
		return shown(value, 1) + " h"
	}
	return shown(value, 2)
}
