package storageread

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// scanner reads rows as the engine writes them, {"f":[{"v":...},...]}, which is a small part
// of JSON. It keeps the first error.
type scanner struct {
	text []byte
	at   int
	err  error
}

func (s *scanner) fail(err error) {
	if s.err == nil {
		s.err = fmt.Errorf("read a row at byte %d: %w", s.at, err)
	}
}

var errForm = errors.New("not in the form of a row")

// accept takes a text if it is next.
func (s *scanner) accept(text string) bool {
	if len(s.text)-s.at >= len(text) && string(s.text[s.at:s.at+len(text)]) == text {
		s.at += len(text)
		return true
	}
	return false
}

func (s *scanner) expect(text string) {
	if s.err == nil && !s.accept(text) {
		s.fail(errForm)
	}
}

// cell takes what stands before the nth value of a list.
func (s *scanner) cell(n int) {
	if n > 0 {
		s.expect(",")
	}
	s.expect(`{"v":`)
}

// string takes a text in quotes. It may be a part of the row, which does not outlive it.
func (s *scanner) string() []byte {
	start := s.at
	s.expect(`"`)
	if s.err != nil {
		return nil
	}
	plain := true
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '"':
			s.at++
			if plain {
				return s.text[start+1 : s.at-1]
			}
			var text string
			if err := json.Unmarshal(s.text[start:s.at], &text); err != nil {
				s.fail(err)
			}
			return []byte(text)
		case '\\':
			plain = false
			s.at++
		}
		s.at++
	}
	s.fail(errForm)
	return nil
}

// skip passes over a value.
func (s *scanner) skip() {
	for depth := 0; s.err == nil && s.at < len(s.text); {
		switch s.text[s.at] {
		case '"':
			s.string()
			if depth == 0 {
				return
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				s.at++
				return
			}
		case 'n':
			if depth == 0 && bytes.HasPrefix(s.text[s.at:], []byte("null")) {
				s.at += len("null")
				return
			}
		}
		s.at++
	}
}
