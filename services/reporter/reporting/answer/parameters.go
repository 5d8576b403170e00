package answer

import (
	"net/url"
	"slices"
	"strconv"
)

// maxName is how much of an unknown parameter's name goes back to the client, in bytes.
const maxName = 64

// ParseQuery reads a query that may hold the allowed parameters, each once. It refuses
// what it does not know, so that a misspelt parameter cannot pass for a default.
func ParseQuery(rawQuery string, allowed ...string) (url.Values, *Problem) {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, &Problem{Code: "invalid_query", Message: "The query string is not well formed."}
	}
	for name, given := range values {
		if !slices.Contains(allowed, name) {
			return nil, Invalid(Clip(name, maxName), "This endpoint has no such parameter.")
		}
		if len(given) > 1 {
			return nil, Invalid(name, "The parameter %s may be given once.", name)
		}
	}
	return values, nil
}

// Limit is the parameter limit, from 1 to most, or the standard one.
func Limit(values url.Values, standard, most int) (int, *Problem) {
	if !values.Has("limit") {
		return standard, nil
	}
	n, err := strconv.Atoi(values.Get("limit"))
	if err != nil || n < 1 || n > most {
		return 0, Invalid("limit", "limit must be a whole number from 1 to %d.", most)
	}
	return n, nil
}

// Page reads the parameter page_token by parse, or gives the first page.
func Page[C any](values url.Values, first C, parse func(token string) (C, bool)) (C, *Problem) {
	if !values.Has("page_token") {
		return first, nil
	}
	at, ok := parse(values.Get("page_token"))
	if !ok {
		return first, Invalid("page_token", "page_token must be the next_page_token of an earlier answer.")
	}
	return at, nil
}
