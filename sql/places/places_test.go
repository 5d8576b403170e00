package places

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write seed/ref_places.sql again")

const statement = "../seed/ref_places.sql"

// TestStatement: the statement that is shipped has the places that the lists and CLDR give.
func TestStatement(t *testing.T) {
	t.Parallel()
	have, err := os.ReadFile(statement)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(have), "  FROM UNNEST([\n")
	_, tail, found := strings.Cut(rest, "  ]) AS place\n")
	if !found {
		t.Fatalf("%s has no list of places", statement)
	}
	all := append(Countries(), States()...)
	lines := make([]string, len(all))
	for i, p := range all {
		lines[i] = "    '" + strings.ReplaceAll(p.Line(), "'", `\'`) + "'"
	}
	want := head + "  FROM UNNEST([\n" + strings.Join(lines, ",\n") + "\n  ]) AS place\n" + tail
	if *update {
		if err := os.WriteFile(statement, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(have) {
		t.Errorf("%s is not current: run go test ./places -update", statement)
	}
}

// TestSpellings: each spelling is of one place, and is what is compared.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		places []Place
		want   int
	}{
		"countries": {Countries(), 250}, // 249 of ISO 3166-1, and Kosovo
		"states":    {States(), 51 + 9 + 3},
	} {
		if len(test.places) != test.want {
			t.Errorf("%d %s, want %d", len(test.places), what, test.want)
		}
		owner := make(map[string]string)
		for _, p := range test.places {
			if p.Name == "" || strings.ContainsAny(p.Line(), "\n") || strings.Count(p.Line(), "|") != 3 {
				t.Errorf("the name of %s%s is %q", p.Country, p.State, p.Name)
			}
			for _, s := range p.Spellings {
				if Key(s) != s {
					t.Errorf("%q is not what is compared: %q", s, Key(s))
				}
				if owner[s] != "" {
					t.Errorf("%q is %s and %s", s, owner[s], p.Name)
				}
				owner[s] = p.Name
			}
		}
	}
}

// TestCodes: testdata/iso3166.txt has the codes of ISO 3166-1.
func TestCodes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/iso3166.txt")
	if err != nil {
		t.Fatal(err)
	}
	codes := make(map[string][]string)
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		codes[fields[0]] = append(fields, strings.TrimLeft(fields[2], "0"))
	}
	if len(codes) != 249 {
		t.Fatalf("%d countries", len(codes))
	}
	for _, p := range Countries() {
		for _, code := range codes[p.Country] {
			if !slices.Contains(p.Spellings, code) {
				t.Errorf("%s is not known by %s", p.Name, code)
			}
		}
		if codes[p.Country] == nil && p.Country != "XK" {
			t.Errorf("%s (%s) is not of ISO 3166", p.Country, p.Name)
		}
	}
}

// TestUsualNames: what official lists and people call countries.
func TestUsualNames(t *testing.T) {
	t.Parallel()
	of := make(map[string]string)
	for _, p := range Countries() {
		for _, s := range p.Spellings {
			of[s] = p.Country
		}
	}
	for name, want := range map[string]string{
		"USA": "US", "U.S.A.": "US", "United States of America": "US", "the United States": "US", "840": "US",
		"UK": "GB", "Great Britain": "GB", "England": "GB", "826": "GB", "Deutschland": "DE", "Allemagne": "DE", "276": "DE",
		"South Korea": "KR", "Korea, Republic of": "KR", "대한민국": "KR", "日本": "JP", "中国": "CN", "Россия": "RU",
		"España": "ES", "Espana": "ES", "México": "MX", "Mexico": "MX", "Österreich": "AT", "Osterreich": "AT", "40": "AT", "040": "AT",
		"Türkiye": "TR", "Turkey": "TR", "Czech Republic": "CZ", "Czechia": "CZ", "Ivory Coast": "CI", "Côte d’Ivoire": "CI",
		"Côte d'Ivoire": "CI", "Cote D'Ivoire": "CI", "Viet Nam": "VN", "Georgia": "GE", "GA": "GA", "CA": "CA", "DE": "DE", "IN": "IN",
		"Bosnia & Herzegovina": "BA", "Bosnia and Herzegovina": "BA", "St. Lucia": "LC", "Saint Lucia": "LC", "St Lucia": "LC",
		"The Netherlands": "NL", "Holland": "NL", "The Gambia": "GM", "Congo": "CG", "DRC": "CD", "Swaziland": "SZ",
	} {
		if got := of[Key(name)]; got != want {
			t.Errorf("%s is %q, want %s", name, got, want)
		}
	}
}

// TestRegions: the statement that fills ref_regions puts each state into the region of the list.
func TestRegions(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../seed/ref_regions.sql")
	if err != nil {
		t.Fatal(err)
	}
	seeded := make(map[string]string)
	for _, region := range regexp.MustCompile(`(?s)SELECT state, '(\w+)' AS region\s+FROM UNNEST\(\[(.*?)\]\)`).FindAllStringSubmatch(string(text), -1) {
		seeded[region[1]] = region[2]
	}
	if len(seeded) != 4 {
		t.Fatalf("%d regions are seeded", len(seeded))
	}
	for _, p := range States() {
		for region, states := range seeded {
			if strings.Contains(states, "'"+p.State+"'") != (p.Region == region) {
				t.Errorf("%s is in %q, seeded are into %s: %s", p.State, p.Region, region, states)
			}
		}
	}
}
