// Package labels is what Google asks of the labels of a resource, which the fronts of
// the embedded cloud share;
// https://cloud.google.com/resource-manager/docs/labels-overview#requirements.
package labels

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// maxLabels is how many a resource may have; maxLength bounds keys and values, in
// characters.
const maxLabels, maxLength = 64, 63

// Letters of scripts without case are allowed, capitals are not.
var (
	key   = regexp.MustCompile(`^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]*$`)
	value = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}_-]*$`)
)

// Check refuses labels that no resource may have.
func Check(labels map[string]string) error {
	if len(labels) > maxLabels {
		return fmt.Errorf("%d labels are more than the %d that a resource may have", len(labels), maxLabels)
	}
	for k, v := range labels {
		switch {
		case !key.MatchString(k) || utf8.RuneCountInString(k) > maxLength:
			return fmt.Errorf("label key %.100q is not valid: it begins with a lowercase letter and has at most %d of lowercase letters, digits, _ and -", k, maxLength)
		case !value.MatchString(v) || utf8.RuneCountInString(v) > maxLength:
			return fmt.Errorf("label value %.100q is not valid: it has at most %d of lowercase letters, digits, _ and -", v, maxLength)
		}
	}
	return nil
}
