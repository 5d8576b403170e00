package shape

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	decompress = "; decompress it (%s) and send it plain or as gzip"
	toLines    = `; write its rows as JSON lines or CSV, such as with duckdb -c "COPY (FROM 'FILE') TO 'orders.jsonl' (FORMAT json)"`
	toCSV      = "; save the sheet as CSV UTF-8 and send that"
	utf8Ahead  = "; send UTF-8 (iconv -f %[1]s -t UTF-8 FILE > NEW), or name the encoding %[1]s in a source"
)

var formats = []sniffed{
	{0, "\xff\xfe\x00\x00", false, "encoded as UTF-32; send UTF-8 (iconv -f UTF-32 -t UTF-8 FILE > NEW)"},
	{0, "\x00\x00\xfe\xff", false, "encoded as UTF-32; send UTF-8 (iconv -f UTF-32 -t UTF-8 FILE > NEW)"},
	{0, "\xff\xfe", false, "encoded as UTF-16" + fmt.Sprintf(utf8Ahead, "utf-16")},
	{0, "\xfe\xff", false, "encoded as UTF-16" + fmt.Sprintf(utf8Ahead, "utf-16")},
	{0, "\x1f\x8b", false, "gzip inside gzip; compress it once (gunzip FILE)"},
	{0, "BZh", true, "compressed with bzip2" + fmt.Sprintf(decompress, "bunzip2 FILE")},
	{0, "\xfd7zXZ\x00", false, "compressed with xz" + fmt.Sprintf(decompress, "unxz FILE")},
	{0, "\x5d\x00\x00", false, "compressed with lzma" + fmt.Sprintf(decompress, "unlzma FILE")},
	{0, "\x28\xb5\x2f\xfd", false, "compressed with zstd" + fmt.Sprintf(decompress, "unzstd FILE")},
	{0, "\x04\x22\x4d\x18", false, "compressed with lz4" + fmt.Sprintf(decompress, "unlz4 FILE")},
	{0, "\x02\x21\x4c\x18", false, "compressed with lz4" + fmt.Sprintf(decompress, "unlz4 FILE")},
	{0, "LZIP", true, "compressed with lzip" + fmt.Sprintf(decompress, "lzip -d FILE")},
	{0, "\x1f\x9d", false, "compressed with compress" + fmt.Sprintf(decompress, "uncompress FILE")},
	{0, "\xff\x06\x00\x00sNaPpY", false, "compressed with Snappy" + fmt.Sprintf(decompress, "snzip -d FILE")},
	{0, "7z\xbc\xaf\x27\x1c", false, "a 7z archive; unpack it (7z x FILE) and send its files one by one, plain or as gzip"},
	{0, "Rar!\x1a\x07", false, "a RAR archive; unpack it (unrar x FILE) and send its files one by one, plain or as gzip"},
	{257, "ustar", false, "a tar archive; unpack it (tar -xf FILE) and send its files one by one, plain or as gzip"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", false, "an old Excel workbook (xls) or another Office file" + toCSV},
	{0, "PAR1", true, "Parquet" + toLines},
	{0, "PARE", true, "encrypted Parquet; decrypt it" + toLines},
	{0, "Obj\x01", false, "Avro" + "; write its records as JSON lines, such as with avro-tools tojson FILE"},
	{0, "ORC", true, "ORC" + toLines},
	{0, "ARROW1", true, "Arrow (Feather)" + toLines},
	{0, "FEA1", true, "Feather" + toLines},
	{0, "\xff\xff\xff\xff", false, "an Arrow stream" + toLines},
	{0, "SQLite format 3\x00", false, `a SQLite database; write its rows as JSON lines or CSV, such as with sqlite3 -header -csv FILE "SELECT ..."`},
	{0, "\x00\x01\x00\x00Standard", false, "an Access database; export the table as CSV and send that"},
	{0, "PGDMP", true, "a PostgreSQL dump; write its rows with COPY ... TO STDOUT (FORMAT csv, HEADER)"},
	{0, "\x89HDF", false, "HDF5; write its rows as JSON lines or CSV"},
	{0, "%PDF-", false, "a PDF document; ask the shop for its export as JSON or CSV"},
	{0, `{\rtf`, false, "a text document (RTF); save it as plain text, or ask the shop for its export as JSON or CSV"},
	{0, "\x89PNG", false, "an image (PNG); ask the shop for its export as JSON or CSV"},
	{0, "\xff\xd8\xff", false, "an image (JPEG); ask the shop for its export as JSON or CSV"},
	{0, "GIF8", true, "an image (GIF); ask the shop for its export as JSON or CSV"},
	{0, "RIFF", true, "an image, a sound or a film (RIFF); ask the shop for its export as JSON or CSV"},
	{0, "II*\x00", false, "an image (TIFF); ask the shop for its export as JSON or CSV"},
	{0, "MM\x00*", false, "an image (TIFF); ask the shop for its export as JSON or CSV"},
	{0, "\x7fELF", false, "a program; send the file that it makes"},
	{0, "\xac\xed\x00\x05", false, "serialized Java objects; write them as JSON lines"},
}

// Format tells of a file's beginning that its content is no text that holds records: what
// the file is and what to do. It is empty for what may be read.
func Format(head []byte) string {
	if is := binaryFormat(head); is != "" {
		return "the file is " + is
	}
	if is := markup(head); is != "" {
		return "the file is " + is
	}
	return ""
}

func binaryFormat(head []byte) string {
	for i := range formats {
		f := &formats[i]
		if len(head) < f.at+len(f.magic) || string(head[f.at:f.at+len(f.magic)]) != f.magic {
			continue
		}
		if f.binary && !hasControls(head) {
			continue
		}
		return f.is
	}
	if len(head) > 4 && head[0] == 'P' && head[1] == 'K' && head[2] < 9 && head[3] < 9 {
		return zipped(head)
	}
	if name := wideName(head); name != "" {
		return wide[name]
	}
	return ""
}

// wide says what a text is whose characters take two or four bytes without a mark of it.
var wide = map[string]string{
	"utf-16le": "encoded as UTF-16 (little-endian, without a byte order mark)" + fmt.Sprintf(utf8Ahead, "utf-16le"),
	"utf-16be": "encoded as UTF-16 (big-endian, without a byte order mark)" + fmt.Sprintf(utf8Ahead, "utf-16be"),
	"utf-32le": "encoded as UTF-32 (little-endian, without a byte order mark); send UTF-8 (iconv -f UTF-32LE -t UTF-8 FILE > NEW)",
	"utf-32be": "encoded as UTF-32 (big-endian, without a byte order mark); send UTF-8 (iconv -f UTF-32BE -t UTF-8 FILE > NEW)",
}

// hasControls tells whether there are bytes in the first few hundred that no text has.
func hasControls(head []byte) bool {
	for _, c := range head[:min(len(head), 512)] {
		if c < ' ' && !bytes.ContainsRune([]byte("\t\n\r\f"), rune(c)) {
			return true
		}
	}
	return false
}

// wideName names the encoding of a text whose characters take two or four bytes and that has
// no byte order mark to say so: in Western text every other byte is zero.
func wideName(head []byte) string {
	head = head[:min(len(head), 512)&^3]
	if len(head) < 8 {
		return ""
	}
	var zeros [4]int
	for i, c := range head {
		if c == 0 {
			zeros[i%4]++
		}
	}
	// Two zeros of three suffice: texts have some characters beyond Latin.
	mostly := func(places ...int) bool {
		for _, place := range places {
			if zeros[place]*3 < len(head)/4*2 {
				return false
			}
		}
		return true
	}
	rarely := func(places ...int) bool {
		for _, place := range places {
			if zeros[place]*10 > len(head)/4 {
				return false
			}
		}
		return true
	}
	switch {
	case mostly(1, 2, 3) && rarely(0):
		return "utf-32le"
	case mostly(0, 1, 2) && rarely(3):
		return "utf-32be"
	case mostly(1, 3) && rarely(0, 2):
		return "utf-16le"
	case mostly(0, 2) && rarely(1, 3):
		return "utf-16be"
	}
	return ""
}

// zipped tells what a zip archive holds, by the names that stand in its beginning.
func zipped(head []byte) string {
	names := zipNames(head)
	has := func(prefix string) bool {
		for _, name := range names {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case has("xl/"), has("[Content_Types].xml") && bytes.Contains(head, []byte("xl/")):
		return "an Excel workbook (xlsx)" + toCSV
	case has("word/"), has("ppt/"), has("[Content_Types].xml"):
		return "an Office document (xlsx, docx or pptx); save the table as CSV UTF-8 and send that"
	case has("mimetype") && bytes.Contains(head[:min(len(head), 200)], []byte("opendocument.spreadsheet")):
		return "a spreadsheet (ods)" + toCSV
	case has("mimetype"):
		return "an OpenDocument or EPUB document; save the table as CSV UTF-8 and send that"
	case has("Index/"), has("Index.zip"):
		return "a spreadsheet of Numbers; export it as CSV (File, Export To, CSV, Unicode UTF-8) and send that"
	case has("META-INF/"):
		return "a Java archive; send the files of records that it holds"
	}
	holds := ""
	if len(names) > 0 {
		holds = " of " + strings.Join(names, ", ")
	}
	return "a zip archive" + holds + "; send its files one by one, plain or as gzip (unzip FILE)"
}

// zipNames gives the names of an archive's first entries, as far as the head tells.
func zipNames(head []byte) []string {
	const most = 8
	var names []string
	for at := 0; at+30 <= len(head) && len(names) < most && bytes.HasPrefix(head[at:], []byte("PK\x03\x04")); {
		h := head[at:]
		size := int(h[18]) | int(h[19])<<8 | int(h[20])<<16 | int(h[21])<<24
		name, extra := int(h[26])|int(h[27])<<8, int(h[28])|int(h[29])<<8
		if 30+name > len(h) {
			break
		}
		names = append(names, plainName(h[30:30+name]))
		next := at + 30 + name + extra + size
		if h[6]&8 != 0 && size == 0 { // the size follows the content
			i := bytes.Index(h[30+name:], []byte("PK\x03\x04"))
			if i < 0 {
				break
			}
			next = at + 30 + name + i
		}
		if next <= at || next > len(head) {
			break
		}
		at = next
	}
	return names
}

// plainName makes a name from a hostile file fit for a message.
func plainName(name []byte) string {
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return '?'
		}
		return r
	}, string(name[:min(len(name), 80)]))
	return text
}

// Binary tells of bytes that are no text, of a format that has no beginning of its own.
func Binary(head []byte) string {
	if looksProtobuf(head) {
		return "the file is binary, not text: it looks like protobuf messages; write them as JSON lines"
	}
	return "the file is binary, not text; send JSON or CSV in UTF-8"
}

// looksProtobuf tells whether the head is a row of protobuf fields, or of messages that
// have their length before them.
func looksProtobuf(head []byte) bool {
	fields, at := 0, 0
	for at < len(head) && fields < 64 {
		tag, n := varint(head[at:])
		if n == 0 || tag>>3 == 0 || tag>>3 > 1000 {
			return false
		}
		at += n
		switch tag & 7 {
		case 0:
			if _, n = varint(head[at:]); n == 0 {
				return at >= len(head)-10 && fields >= 3
			}
			at += n
		case 1:
			at += 8
		case 2:
			length, n := varint(head[at:])
			if n == 0 || length > 1<<20 {
				return false
			}
			at += n + int(length)
		case 5:
			at += 4
		default:
			return false
		}
		fields++
	}
	return fields >= 3
}

func varint(b []byte) (value uint64, n int) {
	for n < len(b) && n < 10 {
		value |= uint64(b[n]&0x7f) << (7 * n)
		n++
		if b[n-1] < 0x80 {
			return value, n
		}
	}
	return 0, 0
}

// Wide gives the name of an encoding of two bytes a character, as a source has it; empty if
// the text has another.
func Wide(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")):
		return ""
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "utf-16"
	}
	if name := wideName(head); strings.HasPrefix(name, "utf-16") {
		return name
	}
	return ""
}
