package reference

import (
	"strings"
	"sync"
	"unicode"

	"github.com/zackkki/ecomm_datapipeline/sql/places"
)

// gazetteer is what places are called. The list is reference data; what follows from it is
// decided in region.go.
type gazetteer struct {
	countries map[string]string // code, by spelling
	names     map[string]string // of countries, by code
	states    map[string]string // postal code, by spelling
}

var known = sync.OnceValue(func() gazetteer {
	g := gazetteer{make(map[string]string), make(map[string]string), make(map[string]string)}
	for _, c := range places.Countries() {
		g.names[c.Country] = c.Name
		for _, s := range c.Spellings {
			g.countries[s] = c.Country
		}
	}
	for _, state := range places.States() {
		for _, s := range state.Spellings {
			g.states[s] = state.State
		}
	}
	return g
})

// spelling is what counts of a text: letters and digits, however they are written and parted.
func spelling(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.In(r, unicode.L, unicode.N) {
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

func countryCode(spelling string) string { return known().countries[spelling] }

func countryName(code string) string { return known().names[code] }

func postalCode(spelling string) string { return known().states[spelling] }
