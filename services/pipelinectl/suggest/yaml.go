package suggest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// plainScalar is a text that YAML reads as itself, without quotes.
var plainScalar = regexp.MustCompile(`^(/?[A-Za-z_][\w/ .()-]*[\w)]|/\w+(/\w+)*|[A-Za-z_]\w*)$`)

// scalar writes a text for YAML; JSON's quotes are YAML's, too.
func scalar(text string) string {
	switch strings.ToLower(text) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n", "~":
	default:
		if plainScalar.MatchString(text) {
			return text
		}
	}
	quoted, _ := json.Marshal(text) // a text always can be
	return string(quoted)
}

// yaml writes the draft.
func (d *draft) yaml() string {
	var b strings.Builder
	line := func(indent int, format string, args ...any) {
		b.WriteString(strings.Repeat("  ", indent) + fmt.Sprintf(format, args...) + "\n")
	}
	form := map[bool]string{true: "csv", false: "json"}[d.csv]
	line(0, "# Drafted by pipelinectl source suggest from %d %s. Read the comments, then try it:", d.count, map[bool]string{true: "rows", false: "records"}[d.csv])
	line(0, "# save it as NAME.yaml in the folder of the sources (SOURCES_DIR), and")
	line(0, "# pipelinectl source check --kind %s --source NAME FILE", d.kind)
	for _, note := range d.notes {
		line(0, "# - %s", note)
	}
	line(0, "description: A draft; say here what the export is.")
	line(0, "")
	line(0, "%s:", d.kind)
	line(1, "%s:", form)
	if d.records != "" {
		line(2, "records: %s", scalar(d.records))
	}
	if d.encoding != "" {
		line(2, "encoding: %s", d.encoding)
	}
	if d.csv {
		line(2, "delimiter: %s", map[byte]string{',': `","`, ';': `";"`, '|': `"|"`, '\t': "tab"}[d.delimiter])
		if d.kind == "orders" {
			group := "order_id"
			if d.group != nil {
				group = d.group.at
			}
			line(2, "group: %s", scalar(group))
		}
	}
	if numbers := d.style.yaml(); numbers != "" {
		line(2, "numbers: %s", numbers)
	}
	if d.layout != "" {
		line(2, "times: {layout: %q}", d.layout)
	} else if d.zone != "" {
		line(2, "times: {zone: %s}", d.zone)
	}
	line(2, "fields:")
	address := false
	for _, c := range d.fields {
		name, part, inside := strings.Cut(c.field, ".")
		indent := 3
		if inside {
			if !address {
				line(3, "%s:", name)
			}
			address, indent, name = true, 4, part
		}
		line(indent, "%s", c.yaml(name))
	}
	if d.kind == "orders" {
		line(2, "items:")
		if d.over != "" {
			line(3, "over: %s", scalar(d.over))
		}
		line(3, "fields:")
		for _, c := range d.items {
			line(4, "%s", c.yaml(c.field))
		}
	}
	return b.String()
}

func (c *chosen) yaml(name string) string {
	form := c.form
	if form == "" {
		form = scalar(c.leaf.at)
	}
	if len(c.table) > 0 {
		var pairs []string
		for i := 0; i < len(c.table); i += 2 {
			quoted, _ := json.Marshal(c.table[i]) // a text always can be
			pairs = append(pairs, string(quoted)+": "+c.table[i+1])
		}
		form = "{from: " + scalar(c.leaf.at) + ", map: {" + strings.Join(pairs, ", ") + "}}"
	}
	text := name + ": " + form
	if c.note != "" {
		text += "  # " + c.note
	}
	return text
}

func (n *numberStyle) yaml() string {
	if n.isPlain() && n.minor == 0 || n.decimal == "" {
		return ""
	}
	var parts []string
	if n.decimal != "." {
		parts = append(parts, fmt.Sprintf("decimal_mark: %q", n.decimal))
	}
	if n.thousands != "" {
		parts = append(parts, fmt.Sprintf("thousands_mark: %q", n.thousands))
	}
	if len(n.strip) > 0 {
		var signs []string
		for _, sign := range n.strip {
			quoted, _ := json.Marshal(sign)
			signs = append(signs, string(quoted))
		}
		parts = append(parts, "strip: ["+strings.Join(signs, ", ")+"]")
	}
	if n.minor > 0 {
		parts = append(parts, fmt.Sprintf("minor_units: %d", n.minor))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
