// Package places writes the rows of ref_places: how countries and US states are spelt. The codes
// are those of ISO 3166, the names those of CLDR in several languages (golang.org/x/text);
// countries.txt and states.txt add official and usual names. The warehouse knows the table alone.
// Index answers the same question where there is no warehouse.
package places

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

var (
	//go:embed countries.txt
	countriesText string
	//go:embed states.txt
	statesText string
)

// Place is a country, or a state of the USA.
type Place struct {
	Country, State string // codes; State is empty for a country
	Name           string // as shown
	Region         string // of a state: that of the US Census Bureau, empty where it has none
	Spellings      []string
}

// Line is the place as an element of the statement's array.
func (p Place) Line() string {
	return strings.Join([]string{p.Country, p.State, p.Name, strings.Join(p.Spellings, ",")}, "|")
}

// Key is what is compared of a spelling: its letters and digits, in capitals. It is what the
// statements make of a text.
func Key(text string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, text))
}

// reserved are regions of CLDR that are no countries of ISO 3166.
var reserved = []string{"AC", "CP", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "ZZ"}

// languages are those in which every country's name is known; that in its own languages is too.
var languages = []string{"en", "de", "es", "fr", "it", "nl", "pt"}

// Countries are those of ISO 3166-1, and Kosovo, by code.
func Countries() []Place {
	listed := make(map[string][]string)
	for _, fields := range rows(countriesText, 3) {
		listed[fields[0]] = fields
	}
	places := make([]Place, 0, 250)
	for _, region := range regions() {
		code := region.String()
		name := display.English.Regions().Name(region)
		var usual []string
		if fields := listed[code]; fields != nil {
			name, usual = fields[1], strings.Split(fields[2], ";")
			for _, official := range slices.Clone(usual) {
				usual = append(usual, "the "+official)
			}
		}
		usual = append(usual, code, region.ISO3(), fmt.Sprintf("%03d", region.M49()), name, "the "+name)
		if code == "XK" { // has no number
			usual = slices.DeleteFunc(usual, func(s string) bool { return s == "983" })
		}
		english := display.English.Regions().Name(region)
		places = append(places, Place{Country: code, Name: name, Spellings: append(usual, english, "the "+english)})
	}
	addForeign(places)
	return finished(places)
}

// States are those of the USA, its territories and its forces' post.
func States() []Place {
	var places []Place
	for _, fields := range rows(statesText, 4) {
		spellings := append(strings.Split(fields[2], ";"), fields[0], "US-"+fields[0], fields[1], "State of "+fields[1])
		places = append(places, Place{Country: "US", State: fields[0], Name: fields[1], Region: fields[3], Spellings: spellings})
	}
	return finished(places)
}

// rows are the rows of a list, of n fields each.
func rows(text string, n int) [][]string {
	var rows [][]string
	for line := range strings.Lines(text) {
		fields := strings.Split(line, "|")
		if strings.HasPrefix(line, "#") || len(fields) != n {
			continue
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		rows = append(rows, fields)
	}
	return rows
}

func regions() []language.Region {
	var regions []language.Region
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			region, err := language.ParseRegion(code)
			if err != nil || !region.IsCountry() || region.Canonicalize() != region || slices.Contains(reserved, code) ||
				display.English.Regions().Name(region) == "" {
				continue
			}
			regions = append(regions, region)
		}
	}
	return regions
}

// foreign are the names of a country in the languages, and in those spoken there.
func foreign(region language.Region) []string {
	var names []string
	tags := make([]language.Tag, 0, len(languages)+1)
	for _, l := range languages {
		tags = append(tags, language.Make(l))
	}
	if spoken, err := language.Compose(language.Und, region); err == nil {
		if base, confidence := spoken.Base(); confidence > language.No {
			tags = append(tags, language.Make(base.String()))
		}
	}
	for _, tag := range tags {
		if namer := display.Regions(tag); namer != nil {
			names = append(names, namer.Name(region))
		}
	}
	return names
}

// addForeign adds names in other languages, but for those that are another country's in English or
// that two countries have.
func addForeign(places []Place) {
	owners := make(map[string]string)
	for _, p := range places {
		for _, s := range p.Spellings {
			owners[Key(s)] = p.Country
		}
	}
	names := make([][]string, len(places))
	shared := make(map[string]bool)
	for i, p := range places {
		names[i] = foreign(language.MustParseRegion(p.Country))
		for _, name := range names[i] {
			owner, is := owners[Key(name)]
			shared[Key(name)] = shared[Key(name)] || is && owner != p.Country
			owners[Key(name)] = p.Country
		}
	}
	for i := range places {
		for _, name := range names[i] {
			if !shared[Key(name)] {
				places[i].Spellings = append(places[i].Spellings, name)
			}
		}
	}
}

// finished gives the places with the keys of their spellings, sorted, each of one place.
func finished(places []Place) []Place {
	taken := make(map[string]bool)
	for i := range places {
		var keys []string
		for _, s := range places[i].Spellings {
			for _, variant := range variants(s) {
				key := Key(variant)
				if key == "" || taken[key] || !comparable(key) {
					continue
				}
				taken[key] = true
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		places[i].Spellings = keys
	}
	return places
}

// scripts are those whose capitals every engine agrees on.
var scripts = []*unicode.RangeTable{
	unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
	unicode.Arabic, unicode.Hebrew, unicode.Thai, unicode.Number,
}

func comparable(key string) bool {
	for _, r := range key {
		if !unicode.In(r, scripts...) || strings.ContainsRune("ßẞİıŉ", r) {
			return false
		}
	}
	return true
}

// variants are a name with and without accents, with an "and" for an "&", with a "Saint" for a
// "St.", and a number without its zeros.
func variants(name string) []string {
	all := []string{name}
	add := func(change func(string) string) {
		for _, known := range slices.Clone(all) {
			if changed := change(known); changed != known {
				all = append(all, changed)
			}
		}
	}
	add(func(s string) string { return strings.ReplaceAll(s, "&", "and") })
	add(func(s string) string { return strings.ReplaceAll(s, " and ", " ") })
	add(func(s string) string { return strings.ReplaceAll(s, "St. ", "Saint ") })
	add(func(s string) string { return strings.ReplaceAll(s, "Saint ", "St ") })
	add(func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(s))
	})
	add(func(s string) string {
		if s != "" && s[0] == '0' {
			return strings.TrimLeft(s, "0")
		}
		return s
	})
	for i := range all {
		all[i] = norm.NFC.String(all[i])
	}
	return all
}
