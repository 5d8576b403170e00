package store

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

// seconds is a duration as the API writes it: a number in a string. As everywhere in
// Google's JSON a client may leave the quotes out.
type seconds int64

// MarshalJSON implements json.Marshaler.
func (s seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatInt(int64(s), 10)), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *seconds) UnmarshalJSON(data []byte) error {
	if isNull(data) {
		return nil
	}
	if inner, ok := bytes.CutPrefix(data, []byte(`"`)); ok {
		data = bytes.TrimSuffix(inner, []byte(`"`))
	}
	n, err := strconv.ParseInt(string(data), 10, 64)
	*s = seconds(n)
	return err
}

// duration is s as a time.Duration, as far as one reaches (292 years).
func (s seconds) duration() time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	return time.Duration(min(max(int64(s), -most), most)) * time.Second
}
