package sql

// CountOfInsert turns a statement INSERT INTO table (columns) query into one that
// counts, as missing, the rows that it would insert. BigQuery's own dry run tells
// the bytes a statement reads, not the rows it writes.
func CountOfInsert(stmt string) (string, error) {
	tokens, err := lex(stmt)
	if err != nil {
		return "", err
	}
	p := &ddlParser{src: stmt, tokens: tokens}
	for _, word := range []string{"INSERT", "INTO"} {
		if err := p.expect(word); err != nil {
			return "", err
		}
	}
	if _, err := p.name("the table's name"); err != nil {
		return "", err
	}
	if err := p.expect("("); err != nil {
		return "", err
	}
	for !p.accept(")") {
		if _, err := p.name("a column's name"); err != nil {
			return "", err
		}
		p.accept(",")
	}
	return "SELECT COUNT(*) AS missing FROM (\n" + stmt[p.offset():] + "\n)", nil
}
