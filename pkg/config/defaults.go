package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"
)

// Lookup finds the value of a variable, as os.LookupEnv does.
type Lookup func(name string) (value string, found bool)

// Defaults fills spec, a pointer to a struct, with the values of its default
// tags and reads nothing from the environment.
func Defaults(spec any) error {
	return Fill(spec, func(string) (string, bool) { return "", false })
}

// Fill fills spec, a pointer to a struct with envconfig tags, with what lookup finds and
// else the values of its default tags. It reads as Load does, but for a process that
// configures several services, whose variables do not come from the environment alone. It
// does not validate.
func Fill(spec any, lookup Lookup) error {
	v := reflect.ValueOf(spec)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("fill a configuration of type %T: not a pointer to a struct", spec)
	}
	for _, f := range fields(v.Elem()) {
		text, found := f.Default, f.Default != "" // as envconfig has it
		if value, ok := lookup(f.Name); ok {
			text, found = value, true
		}
		if !found {
			continue
		}
		if err := set(f.value, text); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

// Variable is one that a configuration reads.
type Variable struct {
	Name, Default string
	HasDefault    bool
	value         reflect.Value
}

// Value is the field that the variable fills.
func (v Variable) Value() any { return v.value.Interface() }

// Variables are those that spec, a pointer to a struct with envconfig tags, reads.
func Variables(spec any) []Variable { return fields(reflect.ValueOf(spec).Elem()) }

func fields(v reflect.Value) (all []Variable) {
	for i := range v.NumField() {
		field, info := v.Field(i), v.Type().Field(i)
		if info.Anonymous && field.Kind() == reflect.Struct {
			all = append(all, fields(field)...)
			continue
		}
		if name, ok := info.Tag.Lookup("envconfig"); ok && info.IsExported() {
			text, hasDefault := info.Tag.Lookup("default")
			all = append(all, Variable{Name: name, Default: text, HasDefault: hasDefault, value: field})
		}
	}
	return all
}

func set(field reflect.Value, text string) error {
	switch to := field.Addr().Interface().(type) {
	case envconfig.Decoder:
		return to.Decode(text)
	case encoding.TextUnmarshaler:
		return to.UnmarshalText([]byte(text))
	case *time.Duration:
		d, err := time.ParseDuration(text)
		*to = d
		return err
	case *[]string:
		if *to = []string{}; strings.TrimSpace(text) != "" {
			*to = strings.Split(text, ",")
		}
		return nil
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		field.SetBool(b)
		return err
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 0, field.Type().Bits())
		field.SetInt(n)
		return err
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		field.SetFloat(f)
		return err
	default:
		return fmt.Errorf("a setting of type %s cannot be read", field.Type())
	}
	return nil
}
