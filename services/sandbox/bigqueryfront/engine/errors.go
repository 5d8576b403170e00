package engine

import (
	"fmt"
	"strings"
)

// Class says what kind of failure DuckDB reported, as far as an API must tell
// them apart.
type Class int

// The classes of failure.
const (
	// ClassInternal is anything the caller of a query cannot mend.
	ClassInternal Class = iota
	// ClassQuery is a statement or a value that cannot be evaluated.
	ClassQuery
	// ClassNotFound is a missing table, view, schema or column.
	ClassNotFound
	// ClassConflict is a transaction that lost against a concurrent one.
	ClassConflict
	// ClassInterrupted is a statement that was cancelled.
	ClassInterrupted
	// ClassConstraint is a row that breaks a constraint of its table.
	ClassConstraint
	// ClassUnavailable is a disk that would not take or give what was asked: nothing
	// of the transaction happened, and it may do better later.
	ClassUnavailable
)

// Error is a failure reported by DuckDB.
type Error struct {
	Class   Class
	Message string
	// fatal failures are DuckDB's last word: see DB.note.
	fatal bool
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// prefixes maps DuckDB's own names of error types, which begin every message,
// to our classes. "TransactionContext" covers more than conflicts, hence the
// further look in classify.
var prefixes = []struct {
	prefix string
	class  Class
}{
	{"Binder Error: ", ClassQuery},
	{"Parser Error: ", ClassQuery},
	{"Syntax Error: ", ClassQuery},
	{"Conversion Error: ", ClassQuery},
	{"Out of Range Error: ", ClassQuery},
	{"Invalid Input Error: ", ClassQuery},
	{"Mismatch Type Error: ", ClassQuery},
	{"Not implemented Error: ", ClassQuery},
	{"Invalid Error: ", ClassQuery},
	{"Out of Memory Error: ", ClassQuery},
	{"Constraint Error: ", ClassConstraint},
	{"Catalog Error: ", ClassNotFound},
	{"TransactionContext Error: ", ClassConflict},
	{"Transaction Error: ", ClassConflict},
	{"INTERRUPT Error: ", ClassInterrupted},
	{"IO Error: ", ClassUnavailable},
	{fatalPrefix, ClassUnavailable},
}

const (
	fatalPrefix = "FATAL Error: "
	// commitPrefix begins what a commit reports that is no conflict: the
	// write-ahead log would not take it.
	commitPrefix = "Failed to commit: "
)

func newError(message string) *Error {
	message = strings.TrimSpace(message)
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(message, p.prefix)
		if !ok {
			continue
		}
		class := p.class
		switch {
		case class == ClassNotFound && strings.Contains(rest, "write-write conflict"):
			class = ClassConflict
		case class == ClassNotFound && !strings.Contains(rest, "does not exist"):
			class = ClassQuery
		case class == ClassConflict && !isConflict(rest):
			class = ClassInternal
			if strings.HasPrefix(rest, commitPrefix) {
				class = ClassUnavailable
			}
		}
		return &Error{Class: class, Message: firstParagraph(rest), fatal: p.prefix == fatalPrefix}
	}
	return &Error{Class: ClassInternal, Message: message}
}

func isConflict(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "conflict") || strings.Contains(m, "has been altered")
}

// firstParagraph drops DuckDB's excerpt of the statement: it shows the
// translated text, which the author of the statement never wrote.
func firstParagraph(s string) string {
	if i := strings.Index(s, "\n\nLINE "); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

func opError(op string, err error) error { return fmt.Errorf("%s: %w", op, err) }
