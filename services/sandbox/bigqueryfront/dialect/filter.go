package dialect

import "github.com/zackkki/ecomm_datapipeline/sql/lexer"

// Filter translates a condition on a table's rows that stands alone, as readers of the
// Storage Read API give it. It may not read other tables.
func Filter(src string, table TableRef, env Env) (string, error) {
	p, err := newParser(src, env)
	if err != nil {
		return "", err
	}
	p.aliases = append(p.aliases, table.Table)
	e := p.expr()
	if p.err == nil && p.cur().Kind != lexer.EOF {
		p.unexpected()
	}
	switch {
	case p.err != nil:
		return "", p.err
	case len(p.refs) > 0:
		return "", &Error{Message: "Unsupported here: a row restriction with a subquery"}
	case expanded(e.sql) > maxExpanded:
		return "", &Error{Message: "The row restriction is too large"}
	}
	return e.sql, nil
}
