package reference

import "strings"

// area is the region that the order goes to: the US Census Bureau's region of a state, else the
// country by its name. known tells whether state and country are known as far as they are given;
// states of other countries may be called anything.
func (o order) area() (region string, known bool) {
	if o.street+o.city+o.state+o.zipcode+o.country == "" {
		return none, true
	}
	country, state := spelling(o.country), spelling(o.state)
	code := countryCode(country)
	if code == "US" || country == "" {
		if postal := postalCode(state); postal != "" {
			if census := censusRegion(postal); census != "" {
				return census, true
			}
			return "USA", true
		}
	}
	switch given := strings.TrimSpace(o.country); {
	case code != "":
		return countryName(code), code != "US" || state == ""
	case given != "":
		return given, false
	}
	return unknown, false
}

// censusRegion is the US Census Bureau's region of a state, by its two letters.
func censusRegion(state string) string {
	switch state {
	case "CT", "ME", "MA", "NH", "NJ", "NY", "PA", "RI", "VT":
		return "Northeast"
	case "IL", "IN", "IA", "KS", "MI", "MN", "MO", "NE", "ND", "OH", "SD", "WI":
		return "Midwest"
	case "AL", "AR", "DE", "DC", "FL", "GA", "KY", "LA", "MD", "MS", "NC", "OK", "SC", "TN", "TX", "VA", "WV":
		return "South"
	case "AK", "AZ", "CA", "CO", "HI", "ID", "MT", "NV", "NM", "OR", "UT", "WA", "WY":
		return "West"
	}
	return ""
}
