package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	bq "google.golang.org/api/bigquery/v2"
)

// unmarshal decodes JSON as the API does: a number is taken written as one or as a
// text, whichever the API's own answers have. Go's client writes the API's int64 as
// texts; Node's writes what it was given.
func unmarshal(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("text after the end of the JSON value")
	}
	target := reflect.TypeOf(into).Elem()
	if target == reflect.TypeFor[map[string]any]() {
		if m, ok := doc.(map[string]any); ok {
			*into.(*map[string]any) = m // its numbers as they were written
			return nil
		}
	}
	text, err := json.Marshal(conform(doc, target, false))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// conform rewrites the numbers of a decoded value as its Go type wants them; quoted
// says that it is a field that wants them as texts.
func conform(v any, t reflect.Type, quoted bool) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return v
	}
	switch x := v.(type) {
	case json.Number:
		if quoted {
			return x.String()
		}
	case string:
		if numeric(t.Kind()) && !quoted {
			if _, err := strconv.ParseFloat(x, 64); err == nil {
				return json.Number(x)
			}
		}
	case []any:
		if t.Kind() == reflect.Slice {
			for i := range x {
				x[i] = conform(x[i], t.Elem(), false)
			}
		}
	case map[string]any:
		switch t.Kind() {
		case reflect.Map:
			for key := range x {
				x[key] = conform(x[key], t.Elem(), false)
			}
		case reflect.Struct:
			conformFields(x, t)
		}
	}
	return v
}

func conformFields(doc map[string]any, t reflect.Type) {
	if t == reflect.TypeFor[bq.QueryParameterValue]() { // whose value is a text, which Node's client writes as what it is of
		switch v := doc["value"].(type) {
		case json.Number:
			doc["value"] = v.String()
		case bool:
			doc["value"] = strconv.FormatBool(v)
		}
	}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if v, ok := doc[name]; ok {
			doc[name] = conform(v, t.Field(i).Type, numeric(t.Field(i).Type.Kind()) && strings.Contains(options, "string"))
		}
	}
}

func numeric(k reflect.Kind) bool {
	return k >= reflect.Int && k <= reflect.Float64
}
