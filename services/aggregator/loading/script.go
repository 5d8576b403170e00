package loading

import (
	"fmt"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// script is the transaction: the statements of sql/transform in the order of
// their names, as one multi-statement query.
type script struct {
	statements []sql.Statement
}

func newScript() (script, error) {
	statements, err := sql.Group("transform")
	return script{statements}, err
}

// bringing is the transaction of the statements that a batch needs which brings these.
func (s script) bringing(brought ...string) (sql.Statement, error) {
	needed, err := sql.Needed(s.statements, sql.Brought(brought...)...)
	if err != nil {
		return sql.Statement{}, fmt.Errorf("leave out what the batch does not need: %w", err)
	}
	return sql.Transaction("transaction", needed...)
}
