package daily

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// step is the number in the name of a statement that is part of a transaction.
var step = regexp.MustCompile(`^_\d\d_`)

// expectations judges what the shop expects of its data.
const expectations = "reports/data_quality_85_expectations"

// transactionOf is what makes a report of a date: the statements sql/reports/begin_* and
// those of the report, in the order of their names; what judges expectations only if there are some.
func transactionOf(r Report, expects bool) (sql.Statement, error) {
	group, err := sql.Group("reports")
	if err != nil {
		return sql.Statement{}, fmt.Errorf("read the reports' statements: %w", err)
	}
	var statements []sql.Statement
	for _, prefix := range []string{"begin", r.statement()} {
		for _, s := range group {
			if rest, ours := strings.CutPrefix(s.Name, "reports/"+prefix); ours && step.MatchString(rest) && (expects || s.Name != expectations) {
				statements = append(statements, s)
			}
		}
	}
	return sql.Transaction("reports/"+r.statement(), statements...)
}
