package loading

import (
	"fmt"
	"slices"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// script is the transaction: the statements of sql/transform in the order of
// their names, as one multi-statement query.
type script struct {
	statements []sql.Statement
}

// What only some batches bring, and statements of the transaction exist for. Their headers
// name it, "-- @when versions" or "-- @unless versions", and without it the transaction is
// cheaper and ends the same.
const (
	versions = "versions" // a record that may replace an earlier one
	catalogs = "catalogs" // a file of products or customers
	repairs  = "repairs"  // days of facts that wait for what a catalog names
)

var needs = []string{versions, catalogs, repairs}

func newScript() (script, error) {
	statements, err := sql.Group("transform")
	for _, s := range statements {
		for _, n := range []string{s.When, s.Unless} {
			if n != "" && !slices.Contains(needs, n) {
				return script{}, fmt.Errorf("%s: unknown need %q", s.Name, n)
			}
		}
	}
	return script{statements}, err
}

// bringing is the transaction of the statements that a batch needs which brings these.
func (s script) bringing(brought ...string) (sql.Statement, error) {
	return sql.Transaction("transaction", sql.Needed(s.statements, brought...)...)
}
