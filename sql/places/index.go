package places

import "strings"

// Index finds places by how they are spelt. It is for concurrent use.
type Index struct {
	countries, states map[string]Place // by the key of a spelling
}

// NewIndex reads the lists, which takes some milliseconds.
func NewIndex() *Index {
	return &Index{countries: bySpelling(Countries()), states: bySpelling(States())}
}

func bySpelling(places []Place) map[string]Place {
	found := make(map[string]Place, 4*len(places))
	for _, p := range places {
		for _, spelling := range p.Spellings {
			found[spelling] = p
		}
	}
	return found
}

// Locate gives the ISO 3166 code of the country that an address names, empty if no spelling of it is
// known, and its region as fact_orders.region has it: the Census Bureau's region of a US state, else
// the country's name, else the source's own word for the country, else "unknown". Without a country, a
// state is one of the USA if it is called so.
func (x *Index) Locate(country, state string) (code, region string) {
	spelling := Key(country)
	found, known := x.countries[spelling]
	if found.Country == "US" || spelling == "" {
		if s, is := x.states[Key(state)]; is {
			if s.Region == "" {
				return "US", "USA"
			}
			return "US", s.Region
		}
	}
	switch given := strings.TrimSpace(country); {
	case known:
		return found.Country, found.Name
	case given != "":
		return "", given
	}
	return "", "unknown"
}
