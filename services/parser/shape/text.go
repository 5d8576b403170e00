package shape

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
)

var (
	pythonDict = regexp.MustCompile(`^[\[{\s]*\{\s*'`)
	bareKey    = regexp.MustCompile(`^[\[{\s]*\{\s*[A-Za-z_$][\w$]*\s*:`)
	comment    = regexp.MustCompile(`^[\[{\s]*\s*/[/*]`)
	jsonp      = regexp.MustCompile(`^[A-Za-z_$][\w$.]*\s*\(\s*[\[{]`)
	assignment = regexp.MustCompile(`^(var|let|const|window\.|export default|module\.exports)\s*[\w$.= ]*[\[{]`)
	sqlWord    = regexp.MustCompile(`(?i)^(insert\s+into|create\s+table|drop\s+table|begin(\s+transaction)?;|set\s+\S+\s*=|use\s+\S+;|pragma\s|copy\s+\S+.*from\s+stdin)`)
	logLine    = regexp.MustCompile(`^(\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*\]?\s+\[?(?i:trace|debug|info|notice|warn|warning|error|fatal)|\S+ \S+ \S+ \[\d\d/\w{3}/\d{4}|(?i:\[?(trace|debug|info|warn|warning|error|fatal)\]?[: ])|(?i:time|level|ts)=\S+ |[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )`)
	yamlKey    = regexp.MustCompile(`^(- )?[A-Za-z_][\w .-]*:(\s|$)`)
	mailHeader = regexp.MustCompile(`^(From|To|Subject|Received|Return-Path|MIME-Version|Delivered-To): `)
	tomlTable  = regexp.MustCompile(`^\[\[?[A-Za-z_][\w .-]*\]\]?\s*\n\s*[\w.-]+\s*=`)
	base64Line = regexp.MustCompile(`^(?:[A-Za-z0-9+/]{4}){6,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$`)
	formPair   = regexp.MustCompile(`^[\w.\[\]%-]+=[^&\s]*(&[\w.\[\]%-]+=[^&\s]*)+$`)
)

// almostJSON tells of a text that begins with a bracket and is of a language like JSON.
func almostJSON(text []byte) string {
	head := text[:min(len(text), 512)]
	switch {
	case pythonDict.Match(head):
		return "the file has Python's spelling of objects, with single quotes; write JSON (json.dumps)"
	case comment.Match(head):
		return "the file has comments, which JSON has not; take them out"
	case tomlTable.Match(head):
		return "the file is TOML or INI; write one JSON object a line"
	case bareKey.Match(head):
		return "the file has names without quotes, as JavaScript and JSON5 may; write JSON (JSON.stringify)"
	}
	return ""
}

// notJSON tells what a text is that does not begin as JSON does; empty if lines of JSON
// follow, since then the first line alone is broken.
func notJSON(text []byte) string {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	line := string(bytes.TrimSpace(first[:min(len(first), 4<<10)]))
	switch {
	case strings.HasPrefix(line, ")]}'"), strings.HasPrefix(line, "for(;;)"), strings.HasPrefix(line, "while(1)"):
		return "the file is JSON behind a guard against being run as a script; take the guard (its first line) out"
	case jsonp.MatchString(line):
		return "the file is JSONP, JSON inside of a call; ask the server for JSON without a callback"
	case assignment.MatchString(line):
		return "the file is JavaScript; write the value alone as JSON (JSON.stringify)"
	case text[0] == '\x1e':
		return "the file is a JSON text sequence (RFC 7464), with a separator before each value; take those out (tr -d '\\036' < FILE > NEW)"
	case strings.HasPrefix(line, `"{\"`), strings.HasPrefix(line, `"[{\"`):
		return "the file is JSON inside of texts; write what they hold, one object a line (jq -c fromjson FILE)"
	case strings.HasPrefix(line, "version https://git-lfs.github.com/"):
		return "the file is a pointer of Git LFS and not the file itself; fetch that (git lfs pull) and send it"
	case strings.HasPrefix(line, "-----BEGIN PGP"):
		return "the file is encrypted or signed (PGP); decrypt it (gpg -d FILE > NEW) and send that"
	case isBase64(line):
		return "the file is encoded in base64; decode it (base64 -d FILE > NEW) and send that"
	case strings.HasPrefix(line, "data:") || strings.HasPrefix(line, "event:"):
		return "the file is a stream of server-sent events; write what stands behind data: on lines of its own (sed -n 's/^data: //p' FILE)"
	}
	for n := 0; n < 64 && len(rest) > 0; n++ {
		var next []byte
		next, rest, _ = bytes.Cut(rest, []byte("\n"))
		if next = trimmedHead(next); len(next) > 0 && (next[0] == '{' || next[0] == '[') {
			return ""
		}
	}
	switch {
	case strings.HasPrefix(line, "-- "), strings.HasPrefix(line, "--\r"), line == "--", strings.HasPrefix(line, "/*!"), sqlWord.MatchString(line):
		return "the file is an SQL dump; write the query's rows as JSON lines or CSV"
	case strings.HasPrefix(line, "UNA") && strings.Contains(line, "UNB"), strings.HasPrefix(line, "UNB+"):
		return "the file is EDIFACT; write the orders as JSON lines or CSV"
	case strings.HasPrefix(line, "ISA*"):
		return "the file is EDI (X12); write the orders as JSON lines or CSV"
	case mailHeader.MatchString(line):
		return "the file is an e-mail; send the file that is attached to it"
	case logLine.MatchString(line):
		return "the file is lines of a log; write the orders alone, one JSON object a line"
	case formPair.MatchString(line):
		return "the file is form data (name=value&...); write one JSON object a line"
	}
	if delimiter, columns := Columns(text); len(columns) > 1 && !isProse(columns) {
		return ordersAsTable(delimiter, columns, text)
	}
	if line == "---" || yamlKey.MatchString(line) {
		return "the file is YAML; write one JSON object a line, such as with yq -o=json -I=0 FILE"
	}
	return ""
}

// isBase64 tells whether a line is JSON or gzip in base64.
func isBase64(line string) bool {
	if !base64Line.MatchString(line) {
		return false
	}
	begin, err := base64.StdEncoding.DecodeString(line[:4])
	return err == nil && strings.IndexByte("{[\x1f", begin[0]) >= 0
}

// isProse tells whether a row is a sentence with commas, and not the names of columns.
func isProse(row []string) bool {
	words := 0
	for _, cell := range row {
		words += len(strings.Fields(cell))
	}
	last := row[len(row)-1]
	return words >= 4*len(row)/3 && words > 4 && (strings.HasSuffix(last, ".") || strings.HasSuffix(last, "!"))
}

// ordersAsTable tells of orders that came as CSV.
func ordersAsTable(delimiter byte, columns []string, text []byte) string {
	if kind := catalogOf(columns); kind != "" {
		return "the file is CSV with the columns of " + kind + ", not orders: land it in landing/" + kind + "/ (upload --kind " + kind + ")"
	}
	with := ", with the columns " + quotedNames(columns)
	if isData(columns) { // values, which may be about people
		with = ", without a header"
	}
	message := "the file is CSV, " + separatedBy(delimiter) + with + ", and native orders are JSON: "
	if _, second, ok := bytes.Cut(text, []byte("\n")); ok && bytes.Contains(second[:min(len(second), 4<<10)], []byte(`"{""`)) {
		return message + "a column holds the JSON; write what it holds, one order a line"
	}
	return message + "land it in the folder of a source (landing/orders/order-lines-csv/ reads rows of lines), or " + suggest
}

func separatedBy(delimiter byte) string {
	switch delimiter {
	case '\t':
		return "separated by tabs"
	case ',':
		return "separated by commas"
	}
	return "separated by " + string(rune(delimiter))
}

func quotedNames(names []string) string {
	const most = 12
	var list []string
	for i, name := range names {
		if i == most {
			list = append(list, "...")
			break
		}
		list = append(list, plainName([]byte(name)))
	}
	return strings.Join(list, ", ")
}
