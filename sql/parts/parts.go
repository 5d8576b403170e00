// Package parts is what several statements have in common, in statements of sql as in views
// of sql/schema: each part is a file of this folder, and a line
//
//	-- @include NAME
//
// puts it there. A part may include others.
package parts

import (
	"embed"
	"regexp"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

//go:embed *.sql
var files embed.FS

// includeLine stands in a statement where a part belongs.
var includeLine = regexp.MustCompile(`(?m)^( *)-- @include (\w+)$`)

// Include puts the parts that a text includes where it includes them, each line indented as the include is. It is an
// error to include what is no part, or a part in itself.
func Include(text string) (string, error) { return include(text, nil) }

// include is Include for the text of a part within others.
func include(text string, within []string) (string, error) {
	var whole strings.Builder
	copied := 0
	for _, at := range includeLine.FindAllStringSubmatchIndex(text, -1) {
		indent, name := text[at[2]:at[3]], text[at[4]:at[5]]
		part, err := files.ReadFile(name + ".sql")
		if err != nil {
			return "", lexer.ErrorAt(text, at[4], "there is no part %s", name)
		}
		if slices.Contains(within, name) {
			return "", lexer.ErrorAt(text, at[4], "the part %s includes itself", name)
		}
		inner, err := include(strings.TrimSuffix(string(part), "\n"), append(slices.Clone(within), name))
		if err != nil {
			return "", lexer.InFile("parts/"+name+".sql", err)
		}
		whole.WriteString(text[copied:at[0]])
		whole.WriteString(indent + strings.ReplaceAll(inner, "\n", "\n"+indent))
		copied = at[1]
	}
	whole.WriteString(text[copied:])
	return whole.String(), nil
}
