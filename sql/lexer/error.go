package lexer

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError says where a text is not what its reader can read.
type SyntaxError struct {
	File         string // empty when the text did not come from a file
	Line, Column int    // in characters, from 1; 0 when it is the text as a whole
	Message      string
}

// Error gives file, line and message in the form that editors jump to.
func (e *SyntaxError) Error() string {
	switch {
	case e.File != "":
		return fmt.Sprintf("sql: %s:%d: %s", e.File, e.Line, e.Message)
	case e.Line != 0:
		return fmt.Sprintf("sql: line %d: %s", e.Line, e.Message)
	default:
		return "sql: " + e.Message
	}
}

// ErrorAt is a SyntaxError at an offset of the text.
func ErrorAt(src string, offset int, format string, args ...any) error {
	place := Start()
	place.Move(src, min(offset, len(src)))
	return &SyntaxError{Line: place.Line, Column: place.Column, Message: fmt.Sprintf(format, args...)}
}

// InFile puts the file's name into a SyntaxError that does not have one yet.
func InFile(file string, err error) error {
	if syntax, ok := errors.AsType[*SyntaxError](err); ok && syntax.File == "" {
		named := *syntax
		named.File = file
		return &named
	}
	return fmt.Errorf("sql: %s: %w", file, err)
}

// Place is a place of a text, which moves on in it.
type Place struct {
	Line, Column int // in characters, from 1
	offset       int
}

// Start is the beginning of any text.
func Start() Place { return Place{Line: 1, Column: 1} }

// Move moves on to an offset, which is not before the place.
func (p *Place) Move(src string, to int) {
	passed := src[p.offset:to]
	if last := strings.LastIndexByte(passed, '\n'); last >= 0 {
		p.Line += strings.Count(passed, "\n")
		p.Column = 1
		passed = passed[last+1:]
	}
	p.Column += utf8.RuneCountInString(passed)
	p.offset = to
}
