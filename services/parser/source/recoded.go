package source

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"

	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
)

// recoded gives a file of UTF-16 as UTF-8, and the records found in it their own bytes and
// places again. It holds the text from the last record on, of which the splitter is at most a
// window ahead.
type recoded struct {
	utf8  io.Reader
	order interface {
		binary.ByteOrder
		binary.AppendByteOrder
	}

	text []byte // read and not yet located
	base int64  // where it begins in the file as UTF-8
	at   int64  // and in the file
	last int64  // where the record before ended in the file
	data []byte
}

// mostText is how much text is held; only a record that is refused for its length has more.
const mostText = 8 << 20

func newRecoded(content io.Reader, e *encodingOf) (*recoded, error) {
	file := bufio.NewReader(content)
	mark, err := file.Peek(2)
	if err != nil && err != io.EOF {
		return nil, err
	}
	r := &recoded{utf8: transform.NewReader(file, e.decoding.NewDecoder()), order: binary.LittleEndian}
	isMark := len(mark) == 2 && (mark[0] == 0xff && mark[1] == 0xfe || mark[0] == 0xfe && mark[1] == 0xff)
	if isMark && e.name == "utf-16" {
		r.at = 2 // the decoder takes it off
	}
	if e.name == "utf-16be" || isMark && e.name == "utf-16" && mark[0] == 0xfe {
		r.order = binary.BigEndian
	}
	return r, nil
}

// Read implements io.Reader.
func (r *recoded) Read(p []byte) (int, error) {
	n, err := r.utf8.Read(p)
	if len(r.text) > mostText {
		r.skip(len(r.text) - utf8.UTFMax)
	}
	r.text = append(r.text, p[:n]...)
	return n, err
}

// skip passes over text, up to the beginning of a character.
func (r *recoded) skip(n int) {
	for n > 0 && n < len(r.text) && !utf8.RuneStart(r.text[n]) {
		n--
	}
	r.at += encodedLength(r.text[:n])
	r.base += int64(n)
	r.text = r.text[n:] // Read makes room when there is none left
}

// locate gives a record the place and the bytes that it has in the file.
func (r *recoded) locate(record *split.Record) {
	end := record.Offset + record.Length
	if record.Offset >= r.base {
		r.skip(int(min(record.Offset-r.base, int64(len(r.text)))))
		record.Offset = r.at
	} else { // longer than what is held: it begins behind the record before
		record.Offset = r.last
	}
	r.last = r.at + encodedLength(r.text[:max(0, min(end-r.base, int64(len(r.text))))])
	record.Length = r.last - record.Offset
	r.data = r.data[:0]
	for _, c := range string(record.Data) {
		if high, low := utf16.EncodeRune(c); high != utf8.RuneError {
			r.data = r.order.AppendUint16(r.order.AppendUint16(r.data, uint16(high)), uint16(low))
		} else {
			r.data = r.order.AppendUint16(r.data, uint16(c))
		}
	}
	if record.Data = r.data; len(r.data) > split.MaxRecord {
		if record.Sum == "" {
			sum := sha256.Sum256(r.data)
			record.Sum = hex.EncodeToString(sum[:])
		}
		record.Data = r.data[:split.MaxRecord]
	}
}

// encodedLength is how many bytes a text has as UTF-16.
func encodedLength(text []byte) int64 {
	n := int64(0)
	for len(text) > 0 {
		c, size := utf8.DecodeRune(text)
		if n += 2; c > 0xffff {
			n += 2
		}
		text = text[size:]
	}
	return n
}
