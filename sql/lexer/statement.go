package lexer

import "strings"

// Statement returns the one statement of a text, from its first comment to its last token,
// and its tokens without EOF. A text that holds no statement or several is refused.
func Statement(src string) (text string, tokens []Token, err error) {
	if tokens, err = Tokenize(src); err != nil {
		return "", nil, err
	}
	tokens = tokens[:len(tokens)-1]
	if n := len(tokens); n > 0 && tokens[n-1].Is(";") {
		tokens = tokens[:n-1]
	}
	if len(tokens) == 0 {
		return "", nil, &SyntaxError{Line: 1, Column: 1, Message: "no statement"}
	}
	for _, t := range tokens {
		if t.Is(";") {
			return "", nil, ErrorAt(src, t.Pos, "more than one statement in a file")
		}
	}
	whole := src[:tokens[len(tokens)-1].End]
	text = strings.TrimSpace(whole)
	for i := range tokens { // blanks before the statement are gone
		tokens[i].Pos -= len(whole) - len(text)
		tokens[i].End -= len(whole) - len(text)
	}
	return text, tokens, nil
}
