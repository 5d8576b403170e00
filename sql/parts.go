package sql

import (
	"embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed parts/*.sql
var parts embed.FS

// includeLine stands in a statement where a part belongs.
var includeLine = regexp.MustCompile(`(?m)^( *)-- @include (\w+)$`)

// withParts puts the parts that a text includes where it includes them, each line indented as the include is. A part
// includes no other.
func withParts(src string) (string, error) {
	var failed error
	text := includeLine.ReplaceAllStringFunc(src, func(line string) string {
		m := includeLine.FindStringSubmatch(line)
		part, err := parts.ReadFile("parts/" + m[2] + ".sql")
		if err != nil {
			failed = fmt.Errorf("sql: there is no part %s: %w", m[2], err)
			return line
		}
		return m[1] + strings.ReplaceAll(strings.TrimSuffix(string(part), "\n"), "\n", "\n"+m[1])
	})
	return text, failed
}
