package storm

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
)

// exports is the folder below landing/ of files that a source reads.
const exports = "orders/order-lines-csv/"

// made is a file to land.
type made struct {
	name string // below landing/
	text []byte // what lands
	// native is the same as native records, of a file that a source reads; the model knows
	// no other form. Nil: it is text.
	native []byte
	orders int
	// healthy files must be loaded; others may end in quarantine.
	healthy bool
}

// files makes files of every kind. The same seed makes the same ones, but for the clock:
// the times of orders are counted back from today.
type files struct {
	draw  *rand.Rand
	seed  uint64
	today time.Time
	n     int

	lives  *generate.Orders // whose orders go on from file to file
	broken *generate.Orders // many of them break a rule
	plain  *generate.Orders // that any shop's export can tell
	cut    *generate.Orders // of files that are damaged as a whole

	again []made // healthy files that may come once more
}

// history is how far back the orders reach.
const history = 5 * 24 * time.Hour

func newFiles(seed uint64, today time.Time) (*files, error) {
	f := &files{draw: rand.New(rand.NewPCG(seed, 2)), seed: seed, today: today}
	few, many := generate.Shares{}, generate.Shares{}
	for _, rule := range generate.OrderFaults() {
		few[rule], many[rule] = 0.002, 0.02
	}
	delete(few, rules.TooLarge) // a MiB each, so that a file with one is mostly refused
	many[rules.TooLarge] = 0.0001
	few[rules.DuplicateOrderReplay], few[rules.DuplicateOrderConflict] = 0.02, 0.01
	for i, s := range []struct {
		to      **generate.Orders
		options generate.OrderOptions
	}{
		{&f.lives, generate.OrderOptions{UpdateShare: 0.15, Faults: few}},
		{&f.broken, generate.OrderOptions{UpdateShare: 0.05, Faults: many}},
		{&f.plain, generate.OrderOptions{VariedShare: -1}},
		{&f.cut, generate.OrderOptions{}},
	} {
		s.options.Seed, s.options.From, s.options.To = seed^uint64(i+1)<<40, today.Add(-history), today
		s.options.Products, s.options.Customers = 80, 600
		var err error
		if *s.to, err = generate.NewOrders(s.options); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// next makes a file of about so many orders.
func (f *files) next(orders int) (made, error) {
	f.n++
	name := func(kind, end string) string { return fmt.Sprintf("%s/storm_%05d.%s", kind, f.n, end) }
	orders = f.size(orders)
	switch n := f.draw.IntN(100); {
	case n < 50:
		return f.keep(made{name: name("orders", "json"), text: f.wrap(lines(f.lives, orders)), orders: orders, healthy: true}), nil
	case n < 60:
		text, err := packed(lines(f.lives, orders))
		return f.keep(made{name: name("orders", "json.gz"), text: text, orders: orders, healthy: true}), err
	case n < 66:
		return made{name: name("orders", "json"), text: lines(f.broken, orders), orders: orders}, nil
	case n < 78:
		return f.export(name(strings.TrimSuffix(exports, "/"), "csv"), orders)
	case n < 84:
		return f.repeat(name), nil
	case n < 89:
		return f.catalog(name("products", "csv"), generate.WriteProducts, 60, 80)
	case n < 94:
		return f.catalog(name("customers", "csv"), generate.WriteCustomers, 450, 600)
	default:
		return f.damaged(name, orders)
	}
}

// size draws how many orders a file has, of so many on average: most files have few, and most
// orders come in files of many.
func (f *files) size(average int) int {
	if f.draw.IntN(5) == 0 {
		average *= 4
	} else {
		average = max(1, average/4)
	}
	return max(1, average/2+f.draw.IntN(average+1))
}

// keep remembers a file that may come again.
func (f *files) keep(m made) made {
	if len(f.again) < 50 {
		f.again = append(f.again, m)
	} else {
		f.again[f.draw.IntN(len(f.again))] = m
	}
	return m
}

// repeat brings an earlier file again, under another name or the same.
func (f *files) repeat(name func(kind, end string) string) made {
	if len(f.again) == 0 {
		return made{name: name("orders", "json"), text: lines(f.lives, 3), orders: 3, healthy: true}
	}
	m := f.again[f.draw.IntN(len(f.again))]
	if f.draw.IntN(2) == 0 {
		m.name = name("orders", "again.json")
	}
	return m
}

func lines(sequence *generate.Orders, n int) (text []byte) {
	for range n {
		text = sequence.Append(text)
	}
	return text
}

// wrap gives lines of orders one of the forms that shops deliver.
func (f *files) wrap(text []byte) []byte {
	switch f.draw.IntN(6) {
	case 0:
		return append([]byte("\xef\xbb\xbf"), text...)
	case 1:
		return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	case 2:
		return bytes.ReplaceAll(text, []byte("\n"), []byte("\n \n"))
	case 3:
		return bytes.TrimSuffix(text, []byte("\n"))
	}
	return text
}

func packed(text []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

// catalog makes one of the later catalogs, which name most of what orders refer to, with
// other prices and tiers each time. The last rows may be absent.
func (f *files) catalog(name string, write func(io.Writer, generate.CatalogOptions) (map[rules.ID]int, error), least, most int) (made, error) {
	var b bytes.Buffer
	_, err := write(&b, generate.CatalogOptions{Seed: uint64(f.draw.IntN(8)), Count: least + f.draw.IntN(most-least+1), Today: f.today})
	return made{name: name, text: b.Bytes(), healthy: true}, err
}

// damaged makes a file that cannot be loaded whole.
func (f *files) damaged(name func(kind, end string) string, orders int) (made, error) {
	switch f.draw.IntN(6) {
	case 0:
		return made{name: name("orders", "json")}, nil
	case 1:
		return made{name: name("orders", "json.gz"), text: []byte("\x1f\x8b and no more")}, nil
	case 2:
		text, err := packed(lines(f.cut, orders))
		return made{name: name("orders", "json.gz"), text: text[:len(text)/2]}, err
	case 3:
		return made{name: name("orders", "json"), text: bytes.Repeat([]byte{0, 1, 2, 3}, 1024)}, nil
	case 4:
		return made{name: name("invoices", "pdf"), text: []byte("%PDF-1.7")}, nil
	default:
		text := bytes.Repeat([]byte("{\"no\": \"order\"}\n"), orders)
		return made{name: name("orders", "json"), text: append(text, lines(f.cut, max(1, orders/4))...), orders: orders + max(1, orders/4)}, nil
	}
}

// export makes a file as other software writes it, one row for each line of an order.
func (f *files) export(name string, orders int) (made, error) {
	native := lines(f.plain, orders)
	decoder := json.NewDecoder(bytes.NewReader(native))
	all := make([]nativeOrder, orders)
	for i := range all {
		if err := decoder.Decode(&all[i]); err != nil {
			return made{}, fmt.Errorf("read a generated order: %w", err)
		}
	}
	text, err := toLines(all, []rune{',', ';', '\t'}[f.draw.IntN(3)])
	return made{name: name, text: text, native: native, orders: orders, healthy: true}, err
}
