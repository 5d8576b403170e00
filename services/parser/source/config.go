package source

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// config is a source's file. Its keys are described in schema.json.
type config struct {
	Description string `json:"description,omitempty"`
	Orders      *forms `json:"orders,omitempty"`
	Products    *forms `json:"products,omitempty"`
	Customers   *forms `json:"customers,omitempty"`
}

// forms are the formats in which a source may send records of one kind.
type forms struct {
	JSON *mapping `json:"json,omitempty"`
	CSV  *mapping `json:"csv,omitempty"`
}

// mapping says how the records of one kind and format become native ones.
type mapping struct {
	Records       oneOrMany[text]    `json:"records,omitempty"`
	Encoding      string             `json:"encoding,omitempty"`
	Delimiter     string             `json:"delimiter,omitempty"`
	Group         string             `json:"group,omitempty"`
	CarryWhile    string             `json:"carry_while,omitempty"`
	LeaveOut      []conditions       `json:"leave_out,omitempty"`
	Numbers       *numbers           `json:"numbers,omitempty"`
	Times         *times             `json:"times,omitempty"`
	Fields        fields             `json:"fields"`
	Items         oneOrMany[itemSet] `json:"items,omitempty"`
	Returns       *returns           `json:"returns,omitempty"`
	NegativeLines string             `json:"negative_lines,omitempty"`
	Catalog       string             `json:"catalog,omitempty"`
}

// fields are places by the native field's name; those of the address have its name before
// theirs, as in shipping_address.city.
type fields map[string]oneOrMany[place]

// UnmarshalJSON flattens the address.
func (f *fields) UnmarshalJSON(text []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	*f = make(fields, len(raw))
	for name, value := range raw {
		if name == "shipping_address" {
			var address map[string]oneOrMany[place]
			if err := json.Unmarshal(value, &address); err != nil {
				return err
			}
			for part, places := range address {
				(*f)[name+"."+part] = places
			}
			continue
		}
		var places oneOrMany[place]
		if err := json.Unmarshal(value, &places); err != nil {
			return err
		}
		(*f)[name] = places
	}
	return nil
}

// itemSet says where lines of an order are.
type itemSet struct {
	Over     string       `json:"over,omitempty"`
	LeaveOut []conditions `json:"leave_out,omitempty"`
	Fields   fields       `json:"fields"`
}

// returns says what lines of a negative quantity mean.
type returns struct {
	NegativeQuantity bool   `json:"negative_quantity"`
	TotalAmount      string `json:"total_amount,omitempty"`
	Alone            string `json:"alone,omitempty"`
}

// place is where a value is found, and what is made of it.
type place struct {
	From    string           `json:"from,omitempty"`
	Sum     oneOrMany[text]  `json:"sum,omitempty"`
	Over    oneOrMany[text]  `json:"over,omitempty"`
	Where   conditions       `json:"where,omitempty"`
	Require conditions       `json:"require,omitempty"`
	Plus    oneOrMany[place] `json:"plus,omitempty"`
	Minus   oneOrMany[place] `json:"minus,omitempty"`
	Join    []string         `json:"join,omitempty"`
	Value   *text            `json:"value,omitempty"`
	Default *text            `json:"default,omitempty"`

	Map        map[string]text `json:"map,omitempty"`
	Only       bool            `json:"only,omitempty"`
	Then       *text           `json:"then,omitempty"`
	None       oneOrMany[text] `json:"none,omitempty"`
	TrimPrefix string          `json:"trim_prefix,omitempty"`
	Carry      bool            `json:"carry,omitempty"`
	Numbers    *numbers        `json:"numbers,omitempty"`
	Times      *times          `json:"times,omitempty"`
}

// UnmarshalJSON reads a text as the place itself.
func (p *place) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, &p.From)
	}
	type plain place
	return json.Unmarshal(text, (*plain)(p))
}

// numbers says how amounts and quantities are written.
type numbers struct {
	DecimalMark   string          `json:"decimal_mark,omitempty"`
	ThousandsMark string          `json:"thousands_mark,omitempty"`
	Strip         oneOrMany[text] `json:"strip,omitempty"`
	MinorUnits    int             `json:"minor_units,omitempty"`
}

// times says how times are written.
type times struct {
	Layout string `json:"layout,omitempty"`
	Zone   string `json:"zone,omitempty"`
}

// conditions are values by the place that must have one of them.
type conditions map[string]oneOf

// oneOf is a set of values, or the value at another place.
type oneOf struct {
	Values []text `json:"values,omitempty"`
	SameAs string `json:"same_as,omitempty"`
}

// UnmarshalJSON reads a value or a list of them as the set.
func (o *oneOf) UnmarshalJSON(raw []byte) error {
	if raw[0] == '{' {
		type plain oneOf
		return json.Unmarshal(raw, (*plain)(o))
	}
	var values oneOrMany[text]
	err := json.Unmarshal(raw, &values)
	o.Values = values
	return err
}

// text is a scalar as it is written: 0.10 is no float.
type text string

// UnmarshalJSON takes numbers, true and false as their text.
func (t *text) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' {
		var s string
		err := json.Unmarshal(raw, &s)
		*t = text(s)
		return err
	}
	*t = text(raw)
	return nil
}

// oneOrMany is a list; a single value stands for a list of one.
type oneOrMany[T any] []T

// UnmarshalJSON reads either.
func (l *oneOrMany[T]) UnmarshalJSON(raw []byte) error {
	if raw[0] == '[' {
		return json.Unmarshal(raw, (*[]T)(l))
	}
	*l = make([]T, 1)
	return json.Unmarshal(raw, &(*l)[0])
}

// problem is what is wrong with a mapping, at a JSON Pointer into its file.
type problem struct {
	at, message string
}

// problems collects them.
type problems []problem

func (p *problems) add(at, format string, args ...any) {
	*p = append(*p, problem{at, fmt.Sprintf(format, args...)})
}

// sortedKeys gives a map's keys in order, so that work on it repeats.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
