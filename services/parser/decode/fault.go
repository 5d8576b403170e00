package decode

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// maxFaults is how many faults of one record are named; those beyond are counted.
const maxFaults = 20

// Fault is why a record was refused: its first fault, and the others.
type Fault struct {
	Rule rules.ID
	// Path is the field at fault, such as items[2].unit_price; empty for the record.
	Path string
	// Message is for a person: what is wrong with the field, the text that stands there, and
	// what to do.
	Message string
	// Others are the record's further faults, in the order in which they were found. They have
	// no others of their own.
	Others []Fault
	// More counts the faults that are not among Others.
	More int
}

// All gives the fault and the others.
func (f *Fault) All() iter.Seq[*Fault] {
	return func(yield func(*Fault) bool) {
		if !yield(f) {
			return
		}
		for i := range f.Others {
			if !yield(&f.Others[i]) {
				return
			}
		}
	}
}

// Text names all faults of the record, for a person.
func (f *Fault) Text() string {
	if len(f.Others) == 0 {
		return f.Message
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d faults:", 1+len(f.Others)+f.More)
	n := 0
	for one := range f.All() {
		n++
		fmt.Fprintf(&b, " (%d) ", n)
		if one.Path != "" {
			b.WriteString(one.Path + ": ")
		}
		b.WriteString(one.Message)
	}
	if f.More > 0 {
		fmt.Fprintf(&b, " and %d more", f.More)
	}
	return b.String()
}

func (f *Fault) Error() string { return fmt.Sprintf("%s: %s: %s", f.Rule, f.Path, f.Text()) }

// Faults gathers the faults of one record, a bounded number of them. The zero value has none.
type Faults struct{ first *Fault }

// First is the first fault, which has all others; nil if there is none.
func (f *Faults) First() *Fault { return f.first }

// Add adds a fault without others.
func (f *Faults) Add(fault Fault) {
	switch {
	case f.first == nil:
		f.first = &fault
	case f.isFull():
		f.first.More++
	default:
		f.first.Others = append(f.first.Others, fault)
	}
}

// Skip counts further faults that are not named; there must be one.
func (f *Faults) Skip(n int) {
	if f.first != nil {
		f.first.More += n
	}
}

// isFull tells that no more faults are named.
func (f *Faults) isFull() bool { return f.first != nil && len(f.first.Others)+1 >= maxFaults }

// count counts the faults so far.
func (f *Faults) count() int {
	if f.first == nil {
		return 0
	}
	return 1 + len(f.first.Others) + f.first.More
}

// blames tells whether one of the faults that are named is the field's.
func (f *Faults) blames(path string) bool {
	if f.first == nil {
		return false
	}
	for one := range f.first.All() {
		if one.Path == path {
			return true
		}
	}
	return false
}

// refuse records a fault; the first one names the rule that the record is refused by.
func (f *Faults) refuse(rule rules.ID, path, message string) {
	f.Add(Fault{Rule: rule, Path: path, Message: message})
}

// maxQuote is how many characters of a refused text are quoted.
const maxQuote = 40

// quote gives the beginning of a text in double quotes, its odd characters escaped.
func quote(text string) string {
	cut, tail := 0, ""
	for n := 0; cut < len(text); n++ {
		if n == maxQuote {
			tail = "..."
			break
		}
		_, size := utf8.DecodeRuneInString(text[cut:])
		cut += size
	}
	return strconv.QuoteToGraphic(text[:cut]) + tail
}

// sentence joins what is wrong, the text that stands there and what to do, as far as they are
// given.
func sentence(wrong, text, remedy string) string {
	if text != "" {
		wrong += ": " + text
	}
	if remedy != "" {
		wrong += "; " + remedy
	}
	return wrong
}

// isPersonal tells whether a field says something about a person, which is in no message: messages
// go to more tables, logs and people than the record itself.
func isPersonal(field string) bool {
	switch field {
	case "customer_id", "name", "email", "shipping_address", "street", "city", "state", "zipcode", "country":
		return true
	}
	return false
}
