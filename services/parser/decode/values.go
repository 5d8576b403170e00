package decode

import (
	"strings"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zackkki/ecomm_datapipeline/pkg/money"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// checkText gives what is wrong with a text, or "".
func checkText(s string, most int) string {
	switch {
	case len(s) > most:
		if most == maxID {
			return "the text is longer than 256 bytes"
		}
		return "the text is longer than 4 KiB"
	case strings.IndexByte(s, 0) >= 0:
		return "the text holds a NUL character"
	}
	return ""
}

// parseWhole reads a whole number of the size of a quantity; 2.0 and 2e0 are
// whole, as JSON Schema has it.
func parseWhole(text []byte) (int64, bool) {
	if len(text) <= 9 {
		v := int64(0)
		for i, c := range text {
			if !isDigit(c) {
				break
			}
			if v = v*10 + int64(c-'0'); i == len(text)-1 {
				return v, true
			}
		}
	}
	var m moneypb.Money
	rounded, err := money.ParseInto(&m, text, "")
	if err != nil || rounded || m.Nanos != 0 || m.Units > maxQuantity || m.Units < -maxQuantity {
		return 0, false
	}
	return m.Units, true
}

// documentRules gives the rule that a scanner's error breaks, by its kind.
var documentRules = [...]rules.ID{"", rules.MalformedJSON, rules.InvalidUTF8, rules.DuplicateKey, rules.TooDeep}
