package dialect

import (
	"errors"
	"fmt"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// Error is a statement that cannot be translated. Its message is in BigQuery's
// words and ends with the position.
type Error struct {
	Message string
	// NotFound says that a table is missing, rather than that the text is wrong.
	NotFound bool
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// maxStatement is BigQuery's limit of an unresolved query's length.
const maxStatement = 1 << 20

// tokenize gives the tokens of a script, or an Error.
func tokenize(src string) ([]lexer.Token, error) {
	if len(src) > maxStatement {
		return nil, &Error{Message: "The query is too large. The maximum standard SQL query length is 1024.00K characters."}
	}
	tokens, err := lexer.Tokenize(src)
	if syntax, ok := errors.AsType[*lexer.SyntaxError](err); ok {
		message := "Syntax error: " + syntax.Message
		if syntax.Line > 0 {
			message += fmt.Sprintf(" at [%d:%d]", syntax.Line, syntax.Column)
		}
		return nil, &Error{Message: message}
	}
	return tokens, err
}
