package strictjson

import "strings"

// Messages of faults that there is advice on.
const (
	messageName   = "expected a field name"
	messageValue  = "expected a value"
	messageNumber = "not a number"
	messageOpen   = "the string does not end"
)

// foreign are the words of other languages that tools write where JSON has another.
var foreign = map[string]string{
	"None": "null", "True": "true", "False": "false", "NULL": "null", "Null": "null", "TRUE": "true", "FALSE": "false", "nil": "null", "undefined": "null",
	"NaN": "null", "nan": "null", "Infinity": "null", "inf": "null",
}

// advice says what JSON has in place of what stands at a fault, if that is something that tools
// and people are known to write; otherwise it is empty. It quotes nothing but words that it
// knows: what stands there may be about a person.
func advice(text string, at int, message string) string {
	if message == messageOpen {
		return "a line break inside of a text is written \\n, a quote \\\""
	}
	if at >= len(text) {
		return ""
	}
	c := text[at]
	word := wordAt(text, at)
	switch {
	case strings.HasPrefix(text[at:], "\ufeff"):
		return "a byte order mark stands there; take it out"
	case c == '\'':
		return "names and texts stand in double quotes"
	case c == '/' || c == '#':
		return "JSON has no comments"
	case foreign[word] != "":
		return "JSON has " + foreign[word] + " for " + word
	case message == messageName && at >= 2 && text[at-1] == ',' && isDigit(text[at-2]) && isDigit(c):
		return "the mark of decimals is a point, and nothing stands between thousands"
	case message == messageValue && at == 0 && !IsNumber(c) && c != '.' && c != '+':
		return "it is no JSON"
	case word == "" || message == messageName:
		return ""
	case word[0] == '.':
		return "a digit stands before the point of a number"
	case word[0] == '+':
		return "a number has no plus sign"
	case message == messageNumber && strings.HasSuffix(word, "."):
		return "a digit stands behind the point of a number"
	case message == messageNumber && word[0] == '0':
		return "a number has no zeros before it, and a text stands in double quotes"
	case isDigit(word[0]) || word[0] == '-':
		return "a number has digits, a point and an exponent alone, and a text stands in double quotes"
	case message == messageValue:
		return "a text stands in double quotes"
	}
	return ""
}

// longestWord is how far a word is followed, in bytes: no number is longer that can be read.
const longestWord = 64

// wordAt gives the letters, digits and signs of numbers around a place.
func wordAt(text string, at int) string {
	from, to := at, at
	for from > 0 && at-from < longestWord && isWord(text[from-1]) {
		from--
	}
	for to < len(text) && to-at < longestWord && isWord(text[to]) {
		to++
	}
	return text[from:to]
}

func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c|' ' && c|' ' <= 'z' || strings.IndexByte("+-._", c) >= 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
