package sql

import (
	"slices"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// CountOfInsert turns a statement INSERT INTO table (columns) query into one that
// counts, as missing, the rows that it would insert. BigQuery's own dry run tells
// the bytes a statement reads, not the rows it writes.
func (s Statement) CountOfInsert() (Statement, error) {
	query, err := insertedQuery(s.Text)
	if err != nil {
		return Statement{}, err
	}
	return Parse(s.Name, "SELECT COUNT(*) AS missing FROM (\n"+query+"\n)")
}

// insertedQuery is the query of an INSERT.
func insertedQuery(stmt string) (string, error) {
	tokens, err := lexer.Tokenize(stmt)
	if err != nil {
		return "", err
	}
	begins := []string{"INSERT", "INTO", "", "("} // "" is any name
	for i, word := range begins {
		if t := tokens[i]; word != "" && !t.Is(word) || word == "" && !t.IsName() {
			return "", expected(stmt, t, word, "the table's name")
		}
	}
	closing := slices.IndexFunc(tokens, func(t lexer.Token) bool { return t.Is(")") })
	if closing < 0 {
		return "", expected(stmt, tokens[len(tokens)-1], ")", "")
	}
	return stmt[tokens[closing+1].Pos:], nil
}

func expected(stmt string, found lexer.Token, word, instead string) error {
	if word == "" {
		word = instead
	}
	text := stmt[found.Pos:found.End]
	if found.Kind == lexer.EOF {
		text = "the end of the text"
	}
	return lexer.ErrorAt(stmt, found.Pos, "expected %s, found %s", word, text)
}
