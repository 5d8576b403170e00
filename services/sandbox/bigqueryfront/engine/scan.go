package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Scan is what a statement reads of one table, as DuckDB has planned it: a column that
// nothing needs is not read, whatever the statement names.
type Scan struct {
	// Schema and Table name it; a temporary table is in the schema "".
	Schema, Table string
	// Columns are read, by their names in the table; of a field, the column that it is in.
	Columns []string
	// Conditions must hold for a row to be read, in DuckDB's notation.
	Conditions []string
}

// profiling has DuckDB note of each operator what it does, but neither times nor counts,
// which would cost.
var profiling = []string{
	"PRAGMA enable_profiling = 'no_output'",
	`SET custom_profiling_settings = '{"EXTRA_INFO": "true"}'`,
}

// NoteScans has the connection note what its statements read, until it is given back.
func (c *Conn) NoteScans(ctx context.Context) error {
	if !c.profiled {
		for _, statement := range profiling {
			if _, err := c.Exec(ctx, statement); err != nil {
				return opError("note what statements read", err)
			}
		}
	}
	c.profiled, c.noting = true, true
	return nil
}

// TakeScans returns what was noted since it was called last.
func (c *Conn) TakeScans() []Scan {
	scans := c.scans
	c.scans = nil
	return scans
}

// Aside runs do, of whose statements nothing is noted.
func (c *Conn) Aside(do func() error) error {
	noting := c.noting
	c.noting = false
	defer func() { c.noting = noting }()
	return do()
}

// Plan returns what a statement would read, without running it. Tables that cannot have a row that is
// asked for, by the smallest and largest values of their columns, are read all the same: BigQuery does not
// look at these.
func (c *Conn) Plan(ctx context.Context, statement string) (scans []Scan, err error) {
	err = c.Aside(func() error {
		if _, err := c.Exec(ctx, "SET disabled_optimizers = 'statistics_propagation'"); err != nil {
			return err
		}
		err := c.Query(ctx, "EXPLAIN (FORMAT json) "+statement, func(rows *Rows) error {
			for {
				ok, err := rows.Next()
				if !ok || err != nil {
					return err
				}
				text, _ := rows.Text(1)
				var operators []planned
				if err := json.Unmarshal([]byte(text), &operators); err != nil {
					return opError("read a plan", err)
				}
				for _, o := range operators {
					scans = append(scans, o.scans(nil)...)
				}
			}
		})
		if _, reset := c.Exec(context.WithoutCancel(ctx), "SET disabled_optimizers = ''"); reset != nil {
			c.Taint()
			err = errors.Join(err, reset)
		}
		return err
	})
	return scans, err
}

// planned is an operator of a plan.
type planned struct {
	Children []planned                  `json:"children"`
	Info     map[string]json.RawMessage `json:"extra_info"`
}

func (p planned) scans(above []string) []Scan {
	info := make(map[string]string, len(p.Info))
	for name, value := range p.Info {
		var lines []string
		if json.Unmarshal(value, &lines) != nil {
			lines = []string{""}
			if json.Unmarshal(value, &lines[0]) != nil {
				continue
			}
		}
		info[name] = strings.Join(lines, "\n")
	}
	scans, below := operator(info, above)
	for _, child := range p.Children {
		scans = append(scans, child.scans(below)...)
	}
	return scans
}

// noteScans notes what the last statement has read.
func (c *Conn) noteScans() {
	if info := mapping.GetProfilingInfo(c.raw); info.Ptr != nil {
		c.scans = append(c.scans, profiled(info, nil)...)
	}
}

// profiled walks over an operator that has run, and those below.
func profiled(info mapping.ProfilingInfo, above []string) []Scan {
	value := mapping.ProfilingInfoGetValue(info, "EXTRA_INFO")
	var scans []Scan
	below := []string(nil)
	if value.Ptr != nil {
		scans, below = operator(parseMap(mapping.GetVarchar(value)), above)
		mapping.DestroyValue(&value)
	}
	for i := range mapping.ProfilingInfoGetChildCount(info) {
		scans = append(scans, profiled(mapping.ProfilingInfoGetChild(info, i), below)...)
	}
	return scans
}

// operator takes from what is known of one the scan that it is, if it is one, and the
// conditions that it holds the rows below it to; above are those of the operator above.
func operator(info map[string]string, above []string) (scans []Scan, below []string) {
	if name, ok := info["Table"]; ok {
		return []Scan{newScan(name, info, above)}, nil
	}
	for _, name := range []string{"__expression__", "Expression"} {
		if condition := info[name]; condition != "" {
			below = append(below, condition)
		}
	}
	return nil, below
}

func newScan(name string, info map[string]string, above []string) Scan {
	path := identifiers(name) // database, schema, table
	s := Scan{Table: path[len(path)-1], Conditions: above}
	if len(path) == 3 && path[0] != "temp" {
		s.Schema = path[1]
	}
	for _, column := range lines(info["Projections"]) {
		s.Columns = append(s.Columns, identifiers(column)[0])
	}
	for _, condition := range lines(info["Filters"]) {
		s.Conditions = append(s.Conditions, strings.TrimPrefix(condition, "optional: "))
	}
	return s
}

// identifiers takes a path apart, of which parts may stand in quotes.
func identifiers(path string) (parts []string) {
	for {
		part, rest, more := strings.Cut(path, ".")
		if strings.HasPrefix(path, `"`) {
			end := 1 // of the quoted part: a quote within it stands twice
			for end < len(path) && (path[end] != '"' || strings.HasPrefix(path[end+1:], `"`)) {
				if path[end] == '"' {
					end++
				}
				end++
			}
			part, rest = strings.ReplaceAll(path[1:min(end, len(path))], `""`, `"`), path[min(end+1, len(path)):]
			rest, more = strings.CutPrefix(rest, ".")
		}
		parts = append(parts, part)
		if !more {
			return parts
		}
		path = rest
	}
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// parseMap reads DuckDB's notation of a map of texts: {name=text, name='text, with \'quotes\”}.
func parseMap(text string) map[string]string {
	m := make(map[string]string)
	text = strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	for text != "" {
		var name, value string
		name, text = parseText(text, "=")
		value, text = parseText(strings.TrimPrefix(text, "="), ", ")
		m[name] = value
		text = strings.TrimPrefix(text, ", ")
	}
	return m
}

// parseText takes a text up to an end, or in quotes.
func parseText(from, end string) (text, rest string) {
	if !strings.HasPrefix(from, "'") {
		if i := strings.Index(from, end); i >= 0 {
			return from[:i], from[i:]
		}
		return from, ""
	}
	var b strings.Builder
	for i := 1; i < len(from); i++ {
		switch {
		case from[i] == '\\' && i+1 < len(from):
			i++
			b.WriteByte(from[i])
		case from[i] == '\'':
			return b.String(), from[i+1:]
		default:
			b.WriteByte(from[i])
		}
	}
	return b.String(), ""
}
