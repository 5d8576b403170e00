// Package lineage tells from which columns the columns of the warehouse's tables are computed.
// columns.json is derived from the statements of transform/ and reports/ by GoogleSQL's own analyzer
// (sql/analysis, which a test compares with the file), not written by hand.
//
// A temp table and a view count as the columns that they are computed from. A column depends on what its
// value is computed of; conditions, joins and groups are not told, nor are parameters and the row's
// own earlier value.
package lineage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:embed columns.json
var columns []byte

// The ways in which a column depends on another, as OpenLineage names them; each says more than those before.
const (
	Identity       = "IDENTITY"
	Transformation = "TRANSFORMATION"
	Aggregation    = "AGGREGATION"
)

// Source is a column that another is computed from.
type Source struct {
	Table, Column string
	As            string // Identity, Transformation or Aggregation
}

// Tables gives, for each table and each of its columns, the sources in the order of their names.
var Tables = sync.OnceValues(read)

func read() (map[string]map[string][]Source, error) {
	var file map[string]map[string][]string
	if err := json.Unmarshal(columns, &file); err != nil {
		return nil, fmt.Errorf("lineage: columns.json: %w", err)
	}
	tables := make(map[string]map[string][]Source)
	for table, of := range file {
		tables[table] = make(map[string][]Source)
		for column, sources := range of {
			for _, text := range sources {
				name, as, _ := strings.Cut(text, " ")
				from, field, ok := strings.Cut(name, ".")
				if !ok || as == "" {
					return nil, fmt.Errorf("lineage: columns.json: %s.%s has the source %q", table, column, text)
				}
				tables[table][column] = append(tables[table][column], Source{from, field, as})
			}
		}
	}
	return tables, nil
}
