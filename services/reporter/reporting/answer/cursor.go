package answer

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// EndOfTime is behind every timestamp that BigQuery can hold.
var EndOfTime = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)

// Cursor is where a page starts: behind the row with this number and id. The
// number is a time in microseconds, or a place in a file.
type Cursor struct {
	Number int64
	ID     string
}

// TimeCursor is the cursor of a list that is ordered by time.
func TimeCursor(t time.Time, id string) Cursor { return Cursor{Number: t.UnixMicro(), ID: id} }

// Time is the row's time.
func (c Cursor) Time() time.Time { return time.UnixMicro(c.Number).UTC() }

// MaxToken bounds a page token, in bytes; an id is a few dozen bytes.
const MaxToken = 512

// String is the cursor as an opaque token.
func (c Cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.Number, 10) + " " + c.ID))
}

// ParseCursor reads a token; it is not ok if String never wrote it.
func ParseCursor(token string) (Cursor, bool) {
	if len(token) > MaxToken {
		return Cursor{}, false
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return Cursor{}, false
	}
	number, id, ok := strings.Cut(string(text), " ")
	n, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || strings.ToValidUTF8(id, "") != id {
		return Cursor{}, false
	}
	c := Cursor{Number: n, ID: id}
	if c.Time().Year() < 1 || c.Time().After(EndOfTime) {
		return Cursor{}, false
	}
	return c, true
}
