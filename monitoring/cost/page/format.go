package page

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/price"
)

// money shows whole dollars; less than half of one is told from nothing.
func money(m price.Money) string {
	switch half := big.NewRat(1, 2); {
	case m.Sign() == 0:
		return "0"
	case new(big.Rat).Abs(m).Cmp(half) < 0:
		return "< 1"
	}
	text := m.FloatString(0)
	if digits, negative := strings.CutPrefix(text, "-"); negative {
		return "−" + group(digits)
	}
	return group(text)
}

func minus(m price.Money) price.Money { return new(big.Rat).Neg(m) }

func thousands(n int64) string { return group(fmt.Sprint(n)) }

// group puts a comma between each three digits.
func group(digits string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// size shows bytes in the largest unit that gives at least one.
func size(bytes int64) string {
	for _, unit := range []struct {
		of   int64
		name string
	}{{price.TiB, "TiB"}, {price.GiB, "GiB"}, {price.MiB, "MiB"}} {
		if bytes >= unit.of {
			return big.NewRat(bytes, unit.of).FloatString(1) + " " + unit.name
		}
	}
	return fmt.Sprint(bytes, " bytes")
}
