package shape

import (
	"fmt"
	"unicode/utf8"
)

// Names of encodings that no source can name.
const (
	dosName     = "cp850"
	russianName = "koi8-r"
	// unknownName stands for an encoding that cannot be told.
	unknownName = "unknown"
)

// Encoding tells which encoding a text that is not UTF-8 most likely has; empty if it is
// UTF-8.
func Encoding(text []byte) string {
	switch name := EncodingName(text); name {
	case "":
		return ""
	case unknownName:
		return "it is in an encoding that cannot be told, such as Shift_JIS or GB18030; find out which, and send UTF-8 (iconv -f ENCODING -t UTF-8 FILE > NEW)"
	case dosName, russianName:
		return "it looks like " + name + "; send UTF-8 (iconv -f " + name + " -t UTF-8 FILE > NEW)"
	default:
		return fmt.Sprintf("it looks like "+name+utf8Ahead, name)
	}
}

// EncodingName gives the likely name of a bytewise encoding, by the bytes that are letters
// in one and controls or signs in the other; empty if the text is UTF-8. A few words can
// mislead it.
func EncodingName(text []byte) string {
	c := countBytes(text)
	switch {
	case c.high == 0:
		return ""
	case c.high >= 3*c.runs: // whole words, and not a letter here and there
		return c.alphabet()
	case c.high >= 2*c.runs && c.letters*2 < c.high && c.central*4 < c.high: // some characters end in a byte of ASCII
		return unknownName
	case c.dos*2 > c.high:
		return dosName
	case c.mac*2 > c.high:
		return "macintosh"
	case c.central*4 >= c.high:
		if c.iso > c.windows {
			return "iso-8859-2"
		}
		return "windows-1250"
	}
	return "windows-1252" // Latin-1 is a part of it
}

// census counts bytes that are no part of UTF-8.
type census struct {
	high, runs int // all, and places where one follows a byte of ASCII
	letters    int // those from 0xc0 on, which Cyrillic and Greek have most of their letters at
	lower      int // of these from 0xe0 on: small letters in windows-1251, capital ones in KOI8-R
	accented   int // of these from 0xdc to 0xdf: Greek small letters with an accent, rare capitals in Russian
	dos, mac   int // letters of Western Europe in code page 850 and of the old Macintosh, rare signs in the others
	central    int // letters of Central Europe that are signs in windows-1252, inside of words
	iso        int // of these those of ISO 8859-2 alone
	windows    int // and of windows-1250 alone
}

func countBytes(text []byte) census {
	var c census
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			c.high++
			if i == 0 || text[i-1] < utf8.RuneSelf {
				c.runs++
			}
			c.add(text[i], i > 0 && inWord(text[i-1]) && i+1 < len(text) && inWord(text[i+1]))
		}
		i += n
	}
	return c
}

// add counts a byte; inside tells that letters stand on both sides of it.
func (c *census) add(b byte, inside bool) {
	if b >= 0xc0 {
		c.letters++
	}
	switch {
	case b >= 0xe0:
		c.lower++
	case b >= 0xdc:
		c.accented++
	}
	if !inside {
		return
	}
	switch b {
	case 0x81, 0x82, 0x84, 0x94, 0x99:
		c.dos++
	case 0x87, 0x8a, 0x8d, 0x8e, 0x8f, 0x90, 0x9f:
		c.mac++
	case 0xa3, 0xaf, 0xb3, 0xbf: // Ł Ż ł ż in both
		c.central++
	case 0xa1, 0xa6, 0xac, 0xb1, 0xb6, 0xbc: // Ą Ś Ź ą ś ź
		c.central++
		c.iso++
	case 0xa5, 0xb9: // Ą ą
		c.central++
		c.windows++
	}
}

// alphabet tells which encoding a text of another alphabet has.
func (c *census) alphabet() string {
	switch {
	case c.letters*10 < c.high*9:
		return unknownName
	case c.accented*12 >= c.high:
		return "windows-1253"
	case c.lower*2 >= c.letters:
		return "windows-1251"
	}
	return russianName
}

// inWord tells whether a byte is a letter, of ASCII or beyond.
func inWord(b byte) bool { return isLetter(b) || b >= utf8.RuneSelf }
