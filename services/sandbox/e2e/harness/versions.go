package harness

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is an order as its source had it at an hour of 2 November.
func Version(id string, day, hour int, price, status string) string {
	o := strings.Replace(Order(id, day, "P-1", "C-1", price), `"completed"`, strconv.Quote(status), 1)
	return strings.Replace(o, `"items"`, fmt.Sprintf(`"updated_at":"2026-11-02T%02d:00:00Z","items"`, hour), 1)
}
