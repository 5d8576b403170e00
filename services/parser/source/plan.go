package source

import (
	"slices"
	"strings"
)

// plan is a mapping made ready for reading. It does not change; each reading of a file has
// a reader of its own.
type plan struct {
	mapping  *mapping
	kind     kindOf
	csv      bool
	encoding *encodingOf

	root    *node   // of a JSON record
	width   int     // places in the record
	lists   []shape // of the lists
	columns []string
	once    []bool // the column is read for the record as a whole
	carries int    // how many values are carried from row to row

	fields   []field
	sets     []set
	leaveOut [][]condition
	computed bool // total_amount is what the order's parts come to
	adjusts  bool // lines may become a discount or a return
}

// shape is what is known of a list beforehand.
type shape struct {
	width, kids int
	parent      int // the scope that it is in
}

// field is a native field and where its value comes from.
type field struct {
	name    string
	as      fieldType
	places  []origin
	part    string // its name within the address; empty: it is the order's own
	counted int    // which of the order's amounts it is; -1: none of them
	key     string // what is written before its value
}

func newField(f nativeField, places []origin) field {
	part, inAddress := strings.CutPrefix(f.name, addressPrefix)
	if !inAddress {
		part = ""
	}
	return field{f.name, f.as, places, part, slices.Index(countedNames[:], f.name), `,"` + f.name + `":`}
}

const addressPrefix = "shipping_address."

// set is where lines of an order come from.
type set struct {
	over     chain
	path     string
	scope    int
	leaveOut [][]condition
	fields   [itemFields][]origin
}

// how says what an origin does.
type how uint8

const (
	howFrom how = iota
	howValue
	howSum
	howFormula
	howJoin
)

// origin is a place made ready.
type origin struct {
	how   how
	refs  []ref
	value string

	over           chain
	overPath       string
	where, require []condition
	plus, minus    [][]origin

	table      map[string]string // by the value in small letters
	only       bool
	then       *text // what any value becomes
	none       []string
	trimPrefix string
	plain      bool // how is howFrom, and what stands there is taken as it is
	carry      int  // its place among what is carried from row to row; -1: nothing is
	style      *style
	clock      *clock
}
