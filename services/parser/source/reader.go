package source

import (
	"io"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
	"github.com/zackkki/ecomm_datapipeline/services/parser/strictjson"
)

// reader reads one file: it gives the file's own records, and beside each has the native
// record ready that it becomes. So it is a splitter and a decoder at once, for a caller
// that decodes each record before it asks for the next. Not for concurrent use.
type reader struct {
	captured
	plan    *plan
	records split.Splitter
	native  decode.Decoder
	scan    strictjson.Scanner
	table   *table
	recoded *recoded // nil: the file is none of UTF-16
	parents []int    // the scope that each list is in
	carried []string // what was last seen, of what is carried from row to row
	within  string   // carry_while's value in the row before

	leftOut int64
	out     []byte // the native record
	faults  []decode.Fault
	order   order
}

// Next implements split.Splitter. Records that the mapping leaves out are passed over.
func (r *reader) Next() (split.Record, error) {
	for {
		record, err := r.records.Next()
		if err != nil {
			return record, err
		}
		if record.Rule == "" {
			r.out, r.faults = r.out[:0], r.faults[:0]
			if r.prepare(record.Data) {
				r.leftOut++
				continue
			}
		}
		if r.recoded != nil {
			r.recoded.locate(&record)
		}
		return record, nil
	}
}

// LeftOut counts the records that the mapping has left out so far.
func (r *reader) LeftOut() int64 { return r.leftOut }

// Catalog implements Reader.
func (r *reader) Catalog() string { return r.plan.mapping.Catalog }

// prepare reads a record, and writes the native one unless it is left out.
func (r *reader) prepare(raw []byte) (leftOut bool) {
	text, message := r.plan.encoding.decode(raw)
	if message != "" {
		r.refuse(rules.InvalidUTF8, "", message)
		return false
	}
	r.reset()
	if r.table != nil {
		if rule, message := r.table.read(r, text); message != "" {
			r.refuse(rule, "", message)
			return false
		}
	} else if !r.readJSON(text) {
		return false
	}
	if r.anyMet(r.plan.leaveOut, 0) {
		return true
	}
	if r.plan.kind.items {
		r.writeOrder()
	} else {
		r.writeRow()
	}
	return false
}

func (r *reader) readJSON(text []byte) bool {
	r.scan.Reset(text)
	if r.scan.Peek() == '{' {
		r.capture(&r.scan, r.plan.root)
	} else {
		r.refuse(rules.WrongType, "", "the record is not a JSON object")
		r.scan.Skip()
	}
	r.scan.End()
	if err := r.scan.Err(); err != nil {
		r.faults = append(r.faults[:0], decode.Fault{Rule: documentRules[err.Kind], Message: err.Error()})
	}
	return len(r.faults) == 0
}

// documentRules gives the rule that a scanner's error breaks, by its kind.
var documentRules = [...]rules.ID{"", rules.MalformedJSON, rules.InvalidUTF8, rules.DuplicateKey, rules.TooDeep}

func (r *reader) refuse(rule rules.ID, path, message string) {
	r.faults = append(r.faults, decode.Fault{Rule: rule, Path: path, Message: message})
}

// Decode implements decode.Decoder: it decodes the native record that Next made ready. The
// faults' paths name the place in the source's record as well.
func (r *reader) Decode([]byte) (*decode.Accepted, *decode.Fault) {
	var found decode.Faults
	for _, fault := range r.faults {
		fault.Path = r.withPlace(fault.Path)
		found.Add(fault)
	}
	if len(r.out) == 0 && len(r.faults) > 0 { // nothing could be made of the record
		return nil, found.First()
	}
	accepted, fault := r.native.Decode(r.out)
	if fault != nil {
		for one := range fault.All() {
			if !slices.ContainsFunc(r.faults, func(own decode.Fault) bool { return explains(own.Path, one.Path) }) {
				found.Add(decode.Fault{Rule: one.Rule, Path: r.withPlace(one.Path), Message: one.Message})
			}
		}
		found.Skip(fault.More)
	}
	if first := found.First(); first != nil {
		return nil, first
	}
	return accepted, nil
}

// explains tells whether a field that could not be written makes the native record faulty at
// another place as well: a line is written whole or not at all, and an order's total may be
// computed from its lines.
func explains(own, native string) bool {
	line, _, ofLine := strings.Cut(own, "]")
	ofLine = ofLine || own == "items"
	return own == native || ofLine && (strings.HasPrefix(native, line+"]") || native == "items" || native == "total_amount")
}

// withPlace adds to the path of a native field where its value comes from.
func (r *reader) withPlace(path string) string {
	if path == "" {
		return ""
	}
	if place := r.placeOf(path); place != "" {
		return path + " (from " + place + ")"
	}
	return path
}

func (r *reader) placeOf(path string) string {
	if set, row, field, ok := r.lineOf(path); ok {
		for i, f := range itemFieldList {
			if f.name != field || set.fields[i] == nil {
				continue
			}
			at, _ := r.find(set.fields[i], row)
			return r.where(set.fields[i], at, set, row)
		}
		if r.plan.csv {
			return r.spell(&set.fields[itemQuantity][0], set, row)
		}
		return r.linePath(set, row)
	}
	if path == "items" && len(r.plan.sets) > 0 && !r.plan.csv {
		return r.plan.sets[0].path
	}
	for i := range r.plan.fields {
		f := &r.plan.fields[i]
		if f.name == path {
			at, _ := r.find(f.places, 0)
			return r.where(f.places, at, nil, 0)
		}
	}
	return ""
}

// Reader reads a file's records by a mapping. Its calls alternate: Next, then Decode.
type Reader interface {
	split.Splitter
	decode.Decoder
	// LeftOut counts the records that the mapping has left out so far.
	LeftOut() int64
	// Catalog is what the file is a catalog of: full, parts or delta; empty if the mapping does
	// not say.
	Catalog() string
}

// open begins to read a file. The error is that of split.Splitter.Next.
func (p *plan) open(content io.Reader, reading decode.Reading) (Reader, error) {
	r := &reader{plan: p, parents: make([]int, len(p.lists))}
	r.record = make([]value, p.width)
	r.lists = make([]list, len(p.lists))
	for i, shape := range p.lists {
		r.lists[i].width, r.lists[i].kids = shape.width, shape.kids
		r.parents[i] = shape.parent
	}
	r.carried = make([]string, p.carries)
	o := split.Options{NotUTF8: p.encoding != nil && p.encoding.bytewise}
	if p.encoding != nil && !p.encoding.bytewise {
		var err error
		if r.recoded, err = newRecoded(content, p.encoding); err != nil {
			return nil, err
		}
		content = r.recoded
	}
	if p.csv {
		return r, r.openTable(content, reading, o)
	}
	var places [][]string
	for _, at := range p.mapping.Records {
		names, _ := pointer(string(at))
		places = append(places, names)
	}
	var err error
	if r.records, err = split.Documents(content, places, o); err != nil {
		return nil, err
	}
	return r, r.openNative(reading)
}

// header is that of the native rows.
func (p *plan) header() []byte {
	var names []string
	for _, f := range p.fields {
		names = append(names, f.name)
	}
	return []byte(strings.Join(names, ","))
}

// openNative opens the decoder of the records that are written.
func (r *reader) openNative(reading decode.Reading) error {
	if r.plan.kind.items {
		r.native = decode.NewOrders(reading)
		return nil
	}
	native, err := r.plan.kind.table(reading, r.plan.header())
	if err != nil {
		return &split.FileError{Rule: rules.HeaderMismatch, Detail: err.Error()}
	}
	r.native = native
	return nil
}
