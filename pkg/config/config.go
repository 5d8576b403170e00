// Package config reads a service's variables from the environment, once, and
// reports all that is wrong with them in one error.
package config

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"text/tabwriter"

	"github.com/kelseyhightower/envconfig"
)

// Validator is a configuration that can tell what is wrong with it. It names
// each variable at fault and joins the faults with errors.Join.
type Validator interface {
	Validate() error
}

// Load fills spec, a pointer to a struct with envconfig tags, from the environment.
func Load(spec Validator) error {
	if err := envconfig.Process("", spec); err != nil {
		return fmt.Errorf("read the environment: %w", err)
	}
	return spec.Validate()
}

const usage = `{{range .}}{{usage_key .}}	{{usage_type .}}	{{usage_default .}}	{{usage_description .}}
{{end}}`

// Usage prints the table of a service's variables.
func Usage(w io.Writer, name string, spec any) error {
	fmt.Fprintf(w, "%s is configured by environment variables.\n\n", name)
	tabs := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tabs, "VARIABLE\tTYPE\tDEFAULT\tMEANING")
	if err := envconfig.Usagef("", spec, tabs, usage); err != nil {
		return err
	}
	return tabs.Flush()
}

// Required is a fault if value is empty. envconfig's own required accepts a
// variable that is present but empty.
func Required(variable, value string) error {
	if value == "" {
		return fmt.Errorf("%s must be set", variable)
	}
	return nil
}

// Positive is a fault if value is not above zero.
func Positive[N int | int64 | float64](variable string, value N) error {
	if value <= 0 {
		return fmt.Errorf("%s must be positive, is %v", variable, value)
	}
	return nil
}

var threeCapitals = regexp.MustCompile(`^[A-Z]{3}$`)

// Currency is a fault if value has not the form of a code of ISO 4217, such as USD.
func Currency(variable, value string) error {
	if !threeCapitals.MatchString(value) {
		return fmt.Errorf("%s must be three capital letters, is %q", variable, value)
	}
	return nil
}

// Join joins faults; it stands here so that a Validate method reads as one list.
func Join(faults ...error) error { return errors.Join(faults...) }
