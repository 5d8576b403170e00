package suggest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/parser/shape"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// sample is the beginning of a file, by its fields.
type sample struct {
	csv       bool
	encoding  string
	delimiter byte
	records   string // JSON Pointer to them
	count     int
	leaves    []*leaf // of a record, or the columns
	lists     []*list // arrays of objects in the records
	list      *list   // the one of an order's lines
}

// leaf is a field: a place in the records that holds single values.
type leaf struct {
	at     string   // JSON Pointer or column
	names  []string // what it may be called, plainly, the fullest first
	depth  int
	values []string // by record, or by row of the list; empty: none
	quoted bool     // some value is a text
}

// list is an array of objects in the records.
type list struct {
	at     string
	leaves []*leaf
	owner  []int // the record that each element belongs to
}

func sampleOf(text []byte) (*sample, error) {
	trimmed := bytes.TrimLeft(text, " \t\r\n\ufeff")
	if len(trimmed) == 0 {
		return nil, fmt.Errorf("%w: the file is empty", ErrShape)
	}
	if trimmed[0] == '{' || trimmed[0] == '[' {
		return jsonSample(trimmed)
	}
	return csvSample(text)
}

func jsonSample(text []byte) (*sample, error) {
	s := &sample{}
	best, found := shape.Place{}, false
	if text[0] == '{' {
		best, found = wrappedIn(shape.Look(text))
	}
	var places [][]string
	if found {
		s.records = best.Pointer
		var names []string
		for name := range strings.SplitSeq(strings.TrimPrefix(best.Pointer, "/"), "/") {
			names = append(names, strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
		}
		places = append(places, names)
	}
	records, err := split.Documents(bytes.NewReader(text), places, split.Options{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrShape, err)
	}
	g := &gatherer{sample: s, byPath: map[string]*leaf{}, byList: map[string]*list{}}
	for s.count < maxRecords {
		record, err := records.Next()
		if err != nil {
			break
		}
		if record.Rule == "" {
			g.add(record.Data)
		}
	}
	if s.count == 0 {
		return nil, fmt.Errorf("%w: the file begins as JSON does, and no record of it is a well-formed object", ErrShape)
	}
	s.list = s.linesOf()
	return s, nil
}

// wrappedIn gives the place of the records in a document; false if the document is a record itself.
// Orders come first: what is inside of them looks like records of another kind.
func wrappedIn(v shape.Value) (best shape.Place, found bool) {
	if best, found = v.Records(vocabulary.Orders); found {
		return best, true
	}
	for _, words := range vocabularies {
		if v.IsRecord(words) {
			return best, false
		}
	}
	for _, kind := range []string{"products", "customers"} {
		if place, ok := v.Records(vocabularies[kind]); ok && (!found || len(place.Keys) > len(best.Keys)) {
			best, found = place, true
		}
	}
	return best, found
}

// gatherer puts the records' fields together.
type gatherer struct {
	*sample
	byPath map[string]*leaf
	byList map[string]*list
}

func (g *gatherer) add(record []byte) {
	d := json.NewDecoder(bytes.NewReader(record))
	d.UseNumber()
	n, err := parse(d)
	if err != nil || n.kind != '{' {
		return
	}
	g.walk(n, nil, nil, g.count)
	g.count++
}

// node is a JSON value with its members in their order.
type node struct {
	kind byte // { [ " or 0 for what is neither: number, true, false; n for null
	text string
	keys []string
	kids []*node
}

func parse(d *json.Decoder) (*node, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		n := &node{kind: byte(t)}
		for d.More() {
			if t == '{' {
				key, err := d.Token()
				if err != nil {
					return nil, err
				}
				name, _ := key.(string)
				n.keys = append(n.keys, name)
			}
			kid, err := parse(d)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, kid)
		}
		_, err := d.Token()
		return n, err
	case string:
		return &node{kind: '"', text: t}, nil
	case json.Number:
		return &node{text: t.String()}, nil
	case bool:
		return &node{text: fmt.Sprint(t)}, nil
	}
	return &node{kind: 'n'}, nil
}

// walk notes the values below a node: of a record if in is nil, or of an element of a list.
func (g *gatherer) walk(n *node, path []string, in *list, row int) {
	const deepest = 8
	switch {
	case len(path) > deepest:
	case n.kind == '{':
		for i, key := range n.keys {
			g.walk(n.kids[i], append(slices.Clip(path), key), in, row)
		}
	case n.kind == '[':
		if len(n.kids) == 0 || n.kids[0].kind != '{' {
			return
		}
		if in == nil {
			g.elements(n, path, row)
		}
		g.walk(n.kids[0], append(slices.Clip(path), "0"), in, row)
	default:
		g.note(n, path, in, row)
	}
}

func (g *gatherer) elements(n *node, path []string, record int) {
	at := pointer(path)
	l := g.byList[at]
	if l == nil {
		l = &list{at: at}
		g.byList[at] = l
		g.lists = append(g.lists, l)
	}
	for _, each := range n.kids {
		if each.kind == '{' {
			l.owner = append(l.owner, record)
			g.walk(each, nil, l, len(l.owner)-1)
		}
	}
}

func (g *gatherer) note(n *node, path []string, in *list, row int) {
	key, at := pointer(path), pointer(path)
	if in != nil {
		key = in.at + "\x00" + at
	}
	l := g.byPath[key]
	if l == nil {
		l = &leaf{at: at, names: namesOf(path), depth: len(path)}
		g.byPath[key] = l
		if in != nil {
			in.leaves = append(in.leaves, l)
		} else {
			g.leaves = append(g.leaves, l)
		}
	}
	for len(l.values) <= row {
		l.values = append(l.values, "")
	}
	if n.kind != 'n' {
		l.values[row] = strings.TrimSpace(n.text)
		l.quoted = l.quoted || n.kind == '"'
	}
}

func pointer(path []string) string {
	var out strings.Builder
	for _, name := range path {
		out.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return out.String()
}

// Names that say nothing of what a value is: those of what is around it, and of the last one.
var (
	around = strings.Fields("0 data node order attributes fields totals summary pricingsummary pricingsummary totaldetails object properties details payload record pricing prices amounts extensionattributes netamounts orderinfo header shippingoption ordercustomer")
	last   = strings.Fields("amount value shopmoney money")
)

// namesOf gives what a value may be called, by the names on the way to it.
func namesOf(path []string) []string {
	var parts []string
	for _, name := range path {
		parts = append(parts, vocabulary.Plain(name))
	}
	for len(parts) > 1 && slices.Contains(last, parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	end := parts[len(parts)-1]
	if len(parts) < len(path) { // as in total_price_set/shop_money/amount
		for _, tail := range []string{"money", "set"} {
			if short := strings.TrimSuffix(end, tail); len(short) > 2 {
				end = short
			}
		}
	}
	parts = slices.DeleteFunc(slices.Clone(parts[:len(parts)-1]), func(name string) bool { return slices.Contains(around, name) })
	parts = append(parts, end)
	names := []string{strings.Join(parts, "")}
	if len(parts) > 1 && (end == "currency" || end == "currencycode") {
		names = append(names, end)
	}
	for _, zone := range []string{"utc", "gmt"} {
		if short := strings.TrimSuffix(names[0], zone); short != names[0] {
			names = append(names, short)
		}
	}
	if part := addressPart(parts); part != "" {
		names = append(names, "\x01"+part)
	}
	return names
}

var shipping = strings.Fields("shippingaddress shiptoaddress deliveryaddress lieferadresse lieferanschrift adresselivraison adressedelivraison direccionenvio indirizzospedizione enderecoentrega verzendadres bezorgadres leveransadress shippingto shipto shipping ship delivery recipient liefer livraison envio spedizione consegna entrega verzend bezorg leverans")

// addressPart gives what a name says of the address that it says an order is sent to.
func addressPart(parts []string) string {
	whole := strings.Join(parts, "")
	if strings.Contains(whole, "billing") || strings.Contains(whole, "rechnung") {
		return ""
	}
	for i := range parts[:len(parts)-1] {
		for _, word := range shipping {
			if strings.Contains(parts[i], word) {
				return parts[len(parts)-1]
			}
		}
		if parts[i] == "address" || parts[i] == "adresse" {
			return parts[len(parts)-1]
		}
	}
	for _, word := range shipping {
		if part, ok := strings.CutPrefix(parts[len(parts)-1], word); ok && part != "" {
			return part
		}
	}
	return ""
}

// linesOf gives the list that most likely holds the lines of an order.
func (s *sample) linesOf() *list {
	var best *list
	most := 1
	for _, l := range s.lists {
		n := 0
		for field := range vocabulary.Items {
			if slices.ContainsFunc(l.leaves, func(f *leaf) bool { return vocabulary.Items.Rank(field, f.names[0]) >= 0 }) {
				n++
				if field == "quantity" {
					n += 3
				}
			}
		}
		for name := range strings.SplitSeq(l.at, "/") {
			if slices.Contains(vocabulary.Lines, vocabulary.Plain(name)) && vocabulary.Plain(name) != "data" {
				n += 3
				break
			}
		}
		if n > most && n >= 4 {
			best, most = l, n
		}
	}
	return best
}

func csvSample(text []byte) (*sample, error) {
	delimiter, names := shape.Columns(text)
	if len(names) < 2 {
		is := shape.Orders(text)
		if is == "" {
			is = "the file is neither JSON nor a table with a header"
		}
		return nil, fmt.Errorf("%w: %s", ErrShape, is)
	}
	s := &sample{csv: true, delimiter: delimiter}
	for i, name := range names {
		l := &leaf{at: name, names: namesOf([]string{name}), depth: 1, quoted: true}
		if slices.Contains(names[:i], name) || name == "" {
			l.names = []string{""} // no mapping can name it
		}
		s.leaves = append(s.leaves, l)
	}
	if line, rest, _ := bytes.Cut(text, []byte("\n")); bytes.HasPrefix(bytes.ToLower(line), []byte("sep=")) {
		text = rest
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = rune(delimiter), true, -1
	for n := 0; n <= maxRecords; n++ {
		row, err := r.Read()
		if err == io.EOF || err != nil {
			break
		}
		if n == 0 || len(row) != len(names) {
			continue
		}
		for i, l := range s.leaves {
			l.values = append(l.values, strings.TrimSpace(row[i]))
		}
		s.count++
	}
	if s.count == 0 {
		return nil, fmt.Errorf("%w: below the header there is no row of as many columns", ErrShape)
	}
	return s, nil
}
