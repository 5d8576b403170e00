// Package suggest drafts a source for a file that nobody has described yet: it finds where the
// records are, knows fields by their names in several languages and by their values, and tries
// which reading makes the orders' totals come out. What it is not sure of it says in comments.
//
// It looks at the beginning of the file only, drafts the same for the same file, and prints
// names of fields and the words of statuses, and no other values: those may be personal.
package suggest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/text/encoding/unicode"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/services/parser/shape"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// Limits on what is looked at.
const (
	headSize   = 4 << 20
	maxRecords = 500
)

// ErrShape is a file that no source can describe; its text says what the file is.
var ErrShape = errors.New("no source can be drafted")

// Draft gives the text of a source that reads files like the content. The kind is orders,
// products or customers; empty: what the file looks like.
func Draft(content io.Reader, kind string) (string, error) {
	if kind != "" && vocabularies[kind] == nil {
		return "", fmt.Errorf("%w: the kind is one of orders, products and customers, not %q", ErrShape, kind)
	}
	text, encoding, err := head(content)
	if err != nil {
		return "", err
	}
	s, err := sampleOf(text)
	if err != nil {
		return "", err
	}
	s.encoding = encoding
	if kind == "" {
		kind = s.kind()
	}
	d := &draft{sample: s, kind: kind}
	if kind == "orders" {
		d.orders()
	} else {
		d.catalog()
	}
	out := d.yaml()
	if _, err := source.Parse("draft.yaml", []byte(out)); err != nil {
		return "", fmt.Errorf("the draft is not valid: %w\n%s", err, out)
	}
	return out, nil
}

// Kind tells which kind of records a file looks like: orders, if it is no table, since native products
// and customers are tables.
func Kind(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return "orders"
	}
	defer file.Close()
	text, _, err := head(file)
	if err != nil {
		return "orders"
	}
	if s, err := sampleOf(text); err == nil && s.csv {
		return s.kind()
	}
	return "orders"
}

var vocabularies = map[string]vocabulary.Words{"orders": vocabulary.Orders, "products": vocabulary.Products, "customers": vocabulary.Customers}

// head gives the beginning of a file as UTF-8, and what its encoding is called in a source;
// empty for UTF-8.
func head(content io.Reader) (text []byte, encoding string, err error) {
	unpacked, _, err := stored.Unpack(content, -1, stored.Limits{MaxBytes: 1 << 40, MaxRatio: 1 << 20})
	var fault *split.FileError
	if errors.As(err, &fault) {
		return nil, "", fmt.Errorf("%w: %s", ErrShape, fault.Detail)
	}
	if err != nil {
		return nil, "", err
	}
	text, err = io.ReadAll(io.LimitReader(unpacked, headSize))
	if err != nil && !errors.As(err, &fault) {
		return nil, "", err
	}
	if encoding = shape.Wide(text); encoding != "" {
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(text)
		if encoding == "utf-16be" {
			text, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Bytes(text)
		}
		if err != nil {
			return nil, "", fmt.Errorf("%w: the file is not %s after all: %w", ErrShape, encoding, err)
		}
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		return text, encoding, nil
	}
	if is := shape.Format(text); is != "" {
		return nil, "", fmt.Errorf("%w: %s", ErrShape, is)
	}
	if encoding = shape.EncodingName(wholeLines(text)); encoding != "" {
		decoded, known, err := source.ToUTF8(text, encoding)
		if !known {
			return nil, "", fmt.Errorf("%w: the file is not UTF-8: %s", ErrShape, shape.Encoding(wholeLines(text)))
		}
		return decoded, encoding, err
	}
	return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), "", nil
}

// wholeLines leaves out the line that the head breaks off in, and with it half a letter.
func wholeLines(text []byte) []byte {
	if i := bytes.LastIndexByte(text, '\n'); len(text) == headSize && i >= 0 {
		return text[:i]
	}
	return text
}

// kind tells which kind of records the names of the fields stand for.
func (s *sample) kind() string {
	score := func(kind string) int {
		fields := map[string]bool{}
		for _, l := range s.leaves {
			for _, name := range l.names {
				if field := vocabularies[kind].Field(name); field != "" {
					fields[field] = true
				}
			}
		}
		n := len(fields)
		has := func(names ...string) {
			if !slices.ContainsFunc(names, func(name string) bool { return fields[name] }) {
				n -= 3
			}
		}
		switch kind {
		case "orders":
			has("order_timestamp")
			has("total_amount", "payment_status", "order_id")
			if s.list != nil {
				n += 4
			}
			if fields["payment_status"] && fields["total_amount"] {
				n += 2
			}
			for _, name := range []string{"order_id"} {
				for _, l := range s.leaves {
					if rank := vocabulary.Orders.Rank(name, l.names[0]); rank >= 0 && rank < len(vocabulary.Orders[name])-4 {
						n += 2
						break
					}
				}
			}
		case "products":
			has("price")
			has("stock_level", "product_name", "category")
		case "customers":
			has("email", "name")
			has("customer_id", "registration_date", "customer_tier")
			if fields["email"] {
				n += 2
			}
		}
		return n
	}
	best, most := "orders", score("orders")
	for _, kind := range []string{"products", "customers"} {
		if n := score(kind); n > most {
			best, most = kind, n
		}
	}
	return best
}
