package topology

import (
	"fmt"
	"path"
	"strings"
)

// Ignore is the part of a configuration that tells which objects under landing/ are none
// that the pipeline should take: markers, checksums and the parts that tools such as Spark
// write before they rename them.
type Ignore struct {
	LandingIgnore []string `envconfig:"LANDING_IGNORE" default:"_*,.*,*_$folder$,*.crc,*.tmp,_temporary/" desc:"Objects under landing/ that are left alone: patterns (* and ?) for a name or, with a / at the end, for a folder, anywhere in the path"`
}

// Validate names a pattern that is none.
func (i Ignore) Validate() error {
	for _, pattern := range i.LandingIgnore {
		element := strings.TrimSuffix(pattern, "/")
		if _, err := path.Match(element, ""); err != nil || strings.Contains(element, "/") {
			return fmt.Errorf("LANDING_IGNORE: %q is no pattern for one element of a path", pattern)
		}
	}
	return nil
}

// IsIgnored tells whether a landed object is left alone. A pattern without a slash fits any
// element of the path behind landing/, so that what lies in an ignored folder is ignored
// with it; one with a slash at its end fits folders only. The kind's own folder counts as
// well: nothing may land in landing/_x/.
func (i Ignore) IsIgnored(name string) bool {
	behind, landed := strings.CutPrefix(name, Landing)
	if !landed {
		return false
	}
	elements := strings.Split(behind, "/")
	for _, pattern := range i.LandingIgnore {
		fitting := elements
		element, ofFolders := strings.CutSuffix(pattern, "/")
		if ofFolders {
			fitting = elements[:len(elements)-1]
		}
		for _, name := range fitting {
			if fits, err := path.Match(element, name); fits && err == nil {
				return true
			}
		}
	}
	return false
}
