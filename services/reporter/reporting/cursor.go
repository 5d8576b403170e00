package reporting

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// cursor is where a page starts: behind the row with this number and id. The
// number is a time in microseconds, or a place in a file.
type cursor struct {
	number int64
	id     string
}

// timeCursor is the cursor of a list that is ordered by time.
func timeCursor(t time.Time, id string) cursor { return cursor{number: t.UnixMicro(), id: id} }

func (c cursor) time() time.Time { return time.UnixMicro(c.number).UTC() }

// maxToken bounds a page token; an id is a few dozen bytes.
const maxToken = 512

// String is the cursor as an opaque token.
func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.number, 10) + " " + c.id))
}

func parseCursor(token string) (cursor, bool) {
	if len(token) > maxToken {
		return cursor{}, false
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return cursor{}, false
	}
	number, id, ok := strings.Cut(string(text), " ")
	n, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || strings.ToValidUTF8(id, "") != id {
		return cursor{}, false
	}
	c := cursor{number: n, id: id}
	if c.time().Year() < 1 || c.time().After(endOfTime) {
		return cursor{}, false
	}
	return c, true
}
