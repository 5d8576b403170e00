package reference

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// readOrders reads the records; of a file that is cut off, the last line is none
// unless its line break was still there.
func (r *reading) readOrders(all []byte, cutOff bool) error {
	if cutOff {
		if isArray(all) {
			return fmt.Errorf("%w: a JSON array that is cut off", ErrBeyond)
		}
		end := bytes.LastIndexByte(all, '\n') + 1
		if len(bytes.TrimSpace(all[end:])) > 0 {
			defer func() {
				r.begin(int64(len(bytes.TrimSpace(all[end:]))))
				r.refuse("malformed_json")
			}()
		}
		all = all[:end]
	}
	return eachOrder(numbersOf(all), func(raw []byte) error {
		record := r.outcome.Records
		r.begin(int64(len(bytes.Trim(raw, " \t\r\n"))))
		if len(raw) > maxRecord {
			r.refuse("too_large")
			return nil
		}
		v, rule := parse(raw)
		if rule != "" {
			r.refuse(rule)
			return nil
		}
		p := orderReader{landedAt: r.file.LandedAt, clock: r.clock, order: order{record: record}}
		if err := p.read(v); err != nil {
			return fmt.Errorf("record %d: %w", record, err)
		}
		if bytes.Contains(raw, []byte(notANumber)) && hasOddNumber(v, "") {
			p.rule = "malformed_json"
		}
		if p.rule != "" {
			r.refuse(p.rule)
			return nil
		}
		r.warn(p.warnings...)
		r.accept(&p.order)
		return nil
	})
}

// What stands for NaN and Infinity in a record, which JSON does not have: numbers of the same length
// that nobody writes, one the begin of the other.
const notANumber, infinity = "0e0", "0e000000"

// numbersOf writes NaN and Infinity outside of texts as those numbers.
func numbersOf(text []byte) []byte {
	if !bytes.Contains(text, []byte("NaN")) && !bytes.Contains(text, []byte("Infinity")) {
		return text
	}
	return textOrNoNumber.ReplaceAllFunc(text, func(found []byte) []byte {
		switch string(found) {
		case "NaN":
			return []byte(notANumber)
		case "Infinity":
			return []byte(infinity)
		}
		return found
	})
}

var textOrNoNumber = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|-?\bNaN\b|\bInfinity\b`)

// hasOddNumber tells whether NaN or Infinity stands in a value where no amount does: there the record
// is no JSON.
func hasOddNumber(v value, path string) bool {
	switch v.kind {
	case 'N':
		return !amountPath.MatchString(path)
	case '{':
		return slices.ContainsFunc(v.members, func(m member) bool { return hasOddNumber(m.value, path+"."+m.name) })
	case '[':
		return slices.ContainsFunc(v.items, func(item value) bool { return hasOddNumber(item, path+"[]") })
	}
	return false
}

var amountPath = regexp.MustCompile(`^\.(total_amount|tax_amount|shipping_amount|discount_amount|refunded_amount|items\[\]\.(unit_price|discount_amount))$`)

// eachOrder gives the lines of the file, the values of a line that holds several, and the
// elements of arrays.
func eachOrder(all []byte, visit func(raw []byte) error) error {
	if isArray(all) {
		values, err := valuesOf(all)
		if err != nil {
			return fmt.Errorf("%w: a broken JSON array: %w", ErrBeyond, err)
		}
		return eachValue(values, visit)
	}
	for raw := range bytes.SplitSeq(all, []byte("\n")) {
		raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
		if raw = bytes.TrimSuffix(raw, []byte("\r")); len(bytes.Trim(raw, " \t\r")) == 0 {
			continue
		}
		raw = bytes.TrimLeft(raw, " \t\r")
		if isOneObject(raw) {
			if err := visit(raw); err != nil {
				return err
			}
			continue
		}
		for raw[0] == '{' && severalObjects.Match(raw) {
			n := balanced(raw)
			if n < 0 || n == len(raw) {
				break
			}
			if err := visit(raw[:n]); err != nil {
				return err
			}
			if raw = bytes.Trim(raw[n:], " \t\r"); len(raw) == 0 {
				break
			}
		}
		if len(raw) == 0 {
			continue
		}
		if values, err := valuesOf(raw); err == nil && (len(values) > 1 || isArray(raw)) {
			if err := eachValue(values, visit); err != nil {
				return err
			}
			continue
		}
		if err := visit(raw); err != nil {
			return err
		}
	}
	return nil
}

// isOneObject tells whether a line is a JSON object and nothing else, as nearly all are.
func isOneObject(line []byte) bool {
	return line[0] == '{' && jsontext.Value(line).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

var severalObjects = regexp.MustCompile(`\}[ \t\r]*\{`)

// balanced is the length of the object that a line begins with, by its quotes and brackets; -1 if
// it does not end there.
func balanced(line []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// valuesOf gives the JSON values that stand one after the other, those in arrays each.
func valuesOf(text []byte) ([]jsontext.Value, error) {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for values := []jsontext.Value(nil); ; {
		var value jsontext.Value
		var err error
		switch kind := decoder.PeekKind(); {
		case kind == '[' && decoder.StackDepth() == 0, kind == ']':
			_, err = decoder.ReadToken()
		default:
			value, err = decoder.ReadValue()
		}
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		if value != nil {
			values = append(values, value.Clone())
		}
	}
}

func eachValue(values []jsontext.Value, visit func(raw []byte) error) error {
	for _, value := range values {
		if err := visit(value); err != nil {
			return err
		}
	}
	return nil
}

func isArray(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("["))
}
