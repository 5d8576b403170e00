package shape

import (
	"bytes"
	"regexp"
	"strings"
)

var (
	xmlRoot   = regexp.MustCompile(`<([A-Za-z_][\w.:-]{0,60})`)
	pageTitle = regexp.MustCompile(`(?is)<title[^>]*>\s*([^<]{1,80})`)
)

// markup tells of HTML and XML, which begin with an angle bracket and a name.
func markup(head []byte) string {
	text := trimmedHead(head)
	if len(text) < 3 || text[0] != '<' || !strings.ContainsRune("!?", rune(text[1])) && !isLetter(text[1]) {
		return ""
	}
	start := strings.ToLower(string(text[:min(len(text), 1024)]))
	switch {
	case strings.HasPrefix(start, "<!doctype html"), strings.HasPrefix(start, "<html"), strings.HasPrefix(start, "<head"), strings.HasPrefix(start, "<body"):
		titled := ""
		if m := pageTitle.FindSubmatch(text[:min(len(text), 4096)]); m != nil {
			titled = ` titled "` + plainName(bytes.TrimSpace(m[1])) + `"`
		}
		return "a web page (HTML)" + titled + ", most likely one of an error or a login that was saved in the file's place; fetch the export again and look at it before it is sent"
	case strings.HasPrefix(start, "<table"), strings.Contains(start, "urn:schemas-microsoft-com:office"):
		return "a table in HTML or XML, as some shops call an Excel file" + toCSV
	}
	root := ""
	if m := xmlRoot.FindSubmatch(text[:min(len(text), 4096)]); m != nil {
		root = string(m[1])
	}
	local := strings.ToLower(root[strings.LastIndexByte(root, ':')+1:])
	switch {
	case local == "error":
		return "the answer of a server that refused (XML, an Error); fetch the export again and look at it before it is sent"
	case local == "rss", local == "feed":
		return "a feed (RSS or Atom, XML); ask the shop for its orders or catalog as JSON or CSV"
	case strings.Contains(start, "oasis:names:specification:ubl"):
		return "UBL (XML), one document " + root + "; write the orders as JSON lines or CSV"
	case strings.HasPrefix(start, "<?xml"), strings.HasPrefix(start, "<!doctype"), root != "":
		return "XML, whose outermost element is <" + root + ">; write the records as JSON lines or CSV, such as with xq -c (of yq)"
	}
	return ""
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// trimmedHead is the head without byte order marks and white space before it.
func trimmedHead(head []byte) []byte {
	for {
		rest := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
		if len(rest) == len(head) {
			return rest
		}
		head = rest
	}
}
