// Package plural writes a number with its noun, for messages that people read.
package plural

import "fmt"

// Of is "1 file" or "2 files": n and the noun, which takes an s unless n is 1.
func Of[N ~int | ~int32 | ~int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
