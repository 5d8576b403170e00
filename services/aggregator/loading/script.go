package loading

import (
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// script is the transaction: the statements of sql/transform in the order of
// their names, as one multi-statement query.
type script struct {
	statements []sql.NamedStatement
}

func newScript() (script, error) {
	statements, err := sql.Group("transform")
	return script{statements}, err
}

// render joins the statements into one transaction with its dates as literals.
func (s script) render(dates map[string][]int32) (string, error) {
	var b strings.Builder
	b.WriteString("BEGIN TRANSACTION;\n")
	for _, statement := range s.statements {
		b.WriteString(statement.Text)
		b.WriteString(";\n")
	}
	b.WriteString("COMMIT TRANSACTION;\n")
	return sql.InlineDates(b.String(), dates)
}
