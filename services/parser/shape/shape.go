// Package shape tells what a file is that cannot be read as records: another format, another
// encoding, JSON with its records somewhere inside, a table with other columns. Each answer
// says what the file is and what to do about it, in one sentence for a person.
//
// It looks at the beginning of a file only, of a length that the caller bounds: nothing is
// unpacked, and no work grows with the file. It quotes names of columns and fields, and no
// values: those may be personal.
package shape

// HeadSize is how much of a file is worth showing to this package, in bytes.
const HeadSize = 64 << 10

const suggest = "describe it as a source (pipelinectl source suggest FILE drafts one)"

// sniffed is what a head must begin with, at an offset, to be of a format.
type sniffed struct {
	at     int
	magic  string
	binary bool   // the magic is letters only: there must be bytes that no text has
	is     string // what the file is, and what to do
}
