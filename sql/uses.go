package sql

import (
	"slices"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// writing are the words after which a table's name stands that is changed; where
// two are given the second is the nearer.
var writing = [][2]string{{"INSERT", "INTO"}, {"MERGE", "INTO"}, {"DELETE", "FROM"}, {"TRUNCATE", "TABLE"}, {"", "UPDATE"}, {"", "MERGE"}, {"", "INSERT"}}

// uses tells which tables and views of the schema a statement reads and which it changes.
func uses(tokens []lexer.Token) (reads, writes []string, err error) {
	for i, t := range tokens {
		if !t.IsName() {
			continue
		}
		table, known, err := schema.Find(t.Text)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case !known:
		case isWritten(tokens[:i]):
			writes = append(writes, table.Name)
		default:
			reads = append(reads, table.Name)
			under, err := readBy(table)
			if err != nil {
				return nil, nil, err
			}
			reads = append(reads, under...)
		}
	}
	return distinct(reads), distinct(writes), nil
}

// readBy are the tables and views under a view.
func readBy(view schema.Table) ([]string, error) {
	tokens, err := lexer.Tokenize(view.ViewQuery)
	if err != nil {
		return nil, err
	}
	reads, _, err := uses(tokens)
	return reads, err
}

func isWritten(before []lexer.Token) bool {
	return slices.ContainsFunc(writing, func(words [2]string) bool {
		n := len(before)
		return n >= 1 && before[n-1].Is(words[1]) && (words[0] == "" || n >= 2 && before[n-2].Is(words[0]))
	})
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
