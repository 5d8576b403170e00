package stored

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func zipped(t *testing.T, members ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, text := range members {
		w := gzip.NewWriter(&out)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func TestExcerpts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", MaxExcerpt+5)
	text := "first\nsecond\n" + long + "\nlast"
	padded := append(zipped(t, text[:8], text[8:20]), make([]byte, 100)...)
	for name, source := range map[string][]byte{
		"plain": []byte(text), "gzip": zipped(t, text), "members": append(padded, zipped(t, text[20:])...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := NewExcerpts(iotest.OneByteReader(bytes.NewReader(source)), int64(len(source)))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"second", long, "last"} {
				start, sum, err := e.Next(int64(strings.Index(text, want)), int64(len(want)))
				if err != nil {
					t.Fatal(err)
				}
				hash := sha256.Sum256([]byte(want))
				if string(start) != want[:min(len(want), MaxExcerpt)] || sum != hex.EncodeToString(hash[:]) {
					t.Errorf("%.10s: %d bytes, %.10s, sum %s", want, len(start), start, sum)
				}
			}
			for _, place := range [][2]int64{{0, 5}, {int64(len(text)), 1}, {int64(len(text)), 0}} {
				if _, _, err := e.Next(place[0], place[1]); !errors.Is(err, ErrNoRecord) {
					t.Errorf("at %v: %v", place, err)
				}
			}
		})
	}
}

// TestExcerptsOfWhatFails tells a file with other bytes from a bucket that fails.
func TestExcerptsOfWhatFails(t *testing.T) {
	t.Parallel()
	source := zipped(t, strings.Repeat("some order\n", 10_000))
	cut := source[:len(source)-20]
	e, err := NewExcerpts(bytes.NewReader(cut), int64(len(cut)))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.Next(109_989, 11); !errors.Is(err, ErrNoRecord) {
		t.Errorf("of a file that is cut off: %v", err)
	}
	if e, err = NewExcerpts(bytes.NewReader(cut), int64(len(source))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.Next(109_989, 11); err == nil || errors.Is(err, ErrNoRecord) {
		t.Errorf("of an answer that is cut off: %v", err)
	}
}
