package config

import (
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// Defaults fills spec, a pointer to a struct, with the values of its default
// tags and reads nothing from the environment. It is for a process that
// configures several services in code.
func Defaults(spec any) error {
	v := reflect.ValueOf(spec)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("defaults of %T: not a pointer to a struct", spec)
	}
	return setDefaults(v.Elem())
}

func setDefaults(v reflect.Value) error {
	for i := range v.NumField() {
		field, info := v.Field(i), v.Type().Field(i)
		if info.Anonymous && field.Kind() == reflect.Struct {
			if err := setDefaults(field); err != nil {
				return err
			}
			continue
		}
		if text, ok := info.Tag.Lookup("default"); ok {
			if err := set(field, text); err != nil {
				return fmt.Errorf("default of %s: %w", info.Name, err)
			}
		}
	}
	return nil
}

func set(field reflect.Value, text string) error {
	if field.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		field.SetInt(int64(d))
		return err
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		field.SetBool(b)
		return err
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		field.SetInt(n)
		return err
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		field.SetFloat(f)
		return err
	default:
		return fmt.Errorf("no defaults for %s", field.Type())
	}
	return nil
}
