package dialect

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	bq "google.golang.org/api/bigquery/v2"
)

// Param is a query parameter, written as a literal: constants let DuckDB skip
// blocks of a table by their bounds, which bound values would not at plan time.
type Param struct {
	sql      string
	array    bool
	structs  bool
	elements []string
}

func (v Param) expr() expr {
	return expr{sql: v.sql, array: v.array, elements: v.elements, structs: v.structs}
}

// ParamValue is a parameter's value as the REST API sends it. (The client
// library's own type cannot tell an empty string from NULL.)
type ParamValue struct {
	Value        *string
	ArrayValues  []*ParamValue
	StructValues map[string]*ParamValue
}

// UnmarshalJSON also takes numbers and booleans that are not written as texts, as
// Node's client sends them.
func (v *ParamValue) UnmarshalJSON(body []byte) error {
	var sent struct {
		Value        json.RawMessage        `json:"value"`
		ArrayValues  []*ParamValue          `json:"arrayValues"`
		StructValues map[string]*ParamValue `json:"structValues"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return err
	}
	v.ArrayValues, v.StructValues = sent.ArrayValues, sent.StructValues
	if len(sent.Value) == 0 || string(sent.Value) == "null" {
		return nil
	}
	text := string(sent.Value)
	switch text[0] {
	case '{', '[':
		return &Error{Message: "Invalid query parameter: a value that is neither a text nor a number"}
	case '"':
		if err := json.Unmarshal(sent.Value, &text); err != nil {
			return err
		}
	}
	v.Value = &text
	return nil
}

// maxParamDepth bounds the nesting of a parameter's type.
const maxParamDepth = 15

// NewParam writes a parameter's value as a literal of its type.
func NewParam(t *bq.QueryParameterType, value *ParamValue) (Param, error) {
	return newParam(t, value, 0)
}

func newParam(t *bq.QueryParameterType, value *ParamValue, depth int) (Param, error) {
	if t == nil || depth > maxParamDepth {
		return Param{}, &Error{Message: "Invalid query parameter: no type, or one nested too deeply"}
	}
	if value == nil {
		value = &ParamValue{}
	}
	duck, err := paramType(t, depth)
	if err != nil {
		return Param{}, err
	}
	switch strings.ToUpper(t.Type) {
	case "ARRAY":
		v := Param{array: true, structs: t.ArrayType != nil && len(t.ArrayType.StructTypes) > 0}
		for _, e := range value.ArrayValues {
			item, err := newParam(t.ArrayType, e, depth+1)
			if err != nil {
				return Param{}, err
			}
			v.elements = append(v.elements, item.sql)
		}
		v.sql = fmt.Sprintf("CAST([%s] AS %s)", strings.Join(v.elements, ", "), duck)
		return v, nil
	case "STRUCT":
		if value.StructValues == nil {
			return Param{sql: "CAST(NULL AS " + duck + ")", structs: true}, nil
		}
		fields := make([]string, 0, len(t.StructTypes))
		for _, f := range t.StructTypes {
			item, err := newParam(f.Type, value.StructValues[f.Name], depth+1)
			if err != nil {
				return Param{}, err
			}
			fields = append(fields, literal(f.Name)+": "+item.sql)
		}
		return Param{sql: "{" + strings.Join(fields, ", ") + "}", structs: true}, nil
	}
	if value.Value == nil {
		return Param{sql: "CAST(NULL AS " + duck + ")"}, nil
	}
	if strings.EqualFold(t.Type, "BYTES") {
		raw, err := base64.StdEncoding.DecodeString(*value.Value)
		if err != nil {
			return Param{}, &Error{Message: "Invalid value for type BYTES: not base64"}
		}
		return Param{sql: fmt.Sprintf("unhex('%x')", raw)}, nil
	}
	return Param{sql: fmt.Sprintf("CAST(%s AS %s)", literal(*value.Value), duck)}, nil
}

func paramType(t *bq.QueryParameterType, depth int) (string, error) {
	if t == nil || depth > maxParamDepth {
		return "", &Error{Message: "Invalid query parameter: no type, or one nested too deeply"}
	}
	kind := strings.ToUpper(t.Type)
	switch kind {
	case "ARRAY":
		element, err := paramType(t.ArrayType, depth+1)
		return element + "[]", err
	case "STRUCT":
		fields := make([]string, 0, len(t.StructTypes))
		for _, f := range t.StructTypes {
			if f == nil {
				return "", &Error{Message: "Invalid query parameter: a STRUCT with a field that is null"}
			}
			duck, err := paramType(f.Type, depth+1)
			if err != nil {
				return "", err
			}
			fields = append(fields, quote(f.Name)+" "+duck)
		}
		if len(fields) == 0 {
			return "", &Error{Message: "Unsupported here: a STRUCT parameter without fields"}
		}
		return "STRUCT(" + strings.Join(fields, ", ") + ")", nil
	}
	duck, ok := duckTypes[kind]
	if !ok {
		return "", &Error{Message: "Unsupported here: query parameter of type " + kind}
	}
	return duck, nil
}
