package model

import "strings"

func region(state, country string) string {
	country = strings.TrimSpace(country)
	switch strings.ToUpper(country) {
	case "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA":
		if r := censusRegion(strings.ToUpper(strings.TrimSpace(state))); r != "" {
			return r
		}
	case "":
		return unknown
	}
	return country
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
