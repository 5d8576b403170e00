package answer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Problem is a fault of the request, for the one who made it.
type Problem struct {
	Status                   int // of HTTP; 0: 400
	Code, Message, Parameter string
}

func (p *Problem) Error() string { return p.Message }

// Invalid is the problem of a parameter.
func Invalid(parameter, format string, args ...any) *Problem {
	return &Problem{Code: "invalid_parameter", Message: fmt.Sprintf(format, args...), Parameter: parameter}
}

// Send answers with {"error":{"code","message","parameter"}}.
func (p *Problem) Send(w http.ResponseWriter) {
	type fault struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		Parameter string `json:"parameter,omitempty"`
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(cmp.Or(p.Status, http.StatusBadRequest))
	_ = json.NewEncoder(w).Encode(map[string]fault{"error": {p.Code, p.Message, p.Parameter}})
}

// Clip shortens a text to at most so many bytes, before it goes to a page.
func Clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}
