package source

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// encodingOf is how a file's text is encoded, if not as UTF-8.
type encodingOf struct {
	name string
	// bytewise encodings have one byte for each character, and ASCII's for ASCII. Their
	// records are decoded one by one; other files are decoded as a whole, before they are
	// split (recoded).
	bytewise bool
	decoding encoding.Encoding
}

var encodings = map[string]*encodingOf{
	"":             nil,
	"utf-8":        nil,
	"utf-16":       {"utf-16", false, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	"utf-16le":     {"utf-16le", false, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	"utf-16be":     {"utf-16be", false, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	"latin-1":      {"latin-1", true, charmap.ISO8859_1},
	"iso-8859-1":   {"iso-8859-1", true, charmap.ISO8859_1},
	"iso-8859-2":   {"iso-8859-2", true, charmap.ISO8859_2},
	"iso-8859-15":  {"iso-8859-15", true, charmap.ISO8859_15},
	"windows-1250": {"windows-1250", true, charmap.Windows1250},
	"windows-1251": {"windows-1251", true, charmap.Windows1251},
	"windows-1252": {"windows-1252", true, charmap.Windows1252},
	"windows-1253": {"windows-1253", true, charmap.Windows1253},
	"windows-1254": {"windows-1254", true, charmap.Windows1254},
	"windows-1257": {"windows-1257", true, charmap.Windows1257},
	"macintosh":    {"macintosh", true, charmap.Macintosh},
}

func (c *compiler) encoding() *encodingOf {
	e, ok := encodings[strings.ToLower(c.plan.mapping.Encoding)]
	if !ok {
		c.add(c.at+"/encoding", "unknown encoding %q; known are %s", c.plan.mapping.Encoding, strings.Join(sortedKeys(encodings)[1:], ", "))
	}
	return e
}

// ToUTF8 gives a text of an encoding that sources may name; known is false if it is none of them.
func ToUTF8(text []byte, encoding string) (decoded []byte, known bool, err error) {
	e := encodings[encoding]
	if e == nil {
		return nil, false, nil
	}
	decoded, err = e.decoding.NewDecoder().Bytes(text)
	return decoded, true, err
}

// decode decodes a record of a bytewise encoding; the message tells what is wrong.
func (e *encodingOf) decode(raw []byte) ([]byte, string) {
	if e == nil || !e.bytewise {
		return raw, ""
	}
	text, err := e.decoding.NewDecoder().Bytes(raw)
	if err != nil || strings.ContainsRune(string(text), '\uFFFD') {
		return nil, fmt.Sprintf("the record holds bytes that %s does not have", e.name)
	}
	return text, ""
}
