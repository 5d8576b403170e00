package properties

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// randomFile is a file to land, by name under landing/.
type randomFile struct {
	name    string
	content []byte
}

// randomFiles draws files. The same seed draws the same files, but for the clock:
// order times are counted back from today.
type randomFiles struct {
	*rand.Rand
	seed     uint64
	today    time.Time
	drawn    int
	contents [][]byte // that versions of orders may have
}

func newRandomFiles(seed uint64) *randomFiles {
	return &randomFiles{Rand: rand.New(rand.NewPCG(seed, 0)), seed: seed, today: time.Now().UTC().Truncate(24 * time.Hour)}
}

// next draws one file: mostly orders, some catalogs, some that are no good file.
func (r *randomFiles) next(t *testing.T) randomFile {
	t.Helper()
	r.drawn++
	name := func(kind, end string) string { return fmt.Sprintf("%s/random_%d.%s", kind, r.drawn, end) }
	switch n := r.IntN(20); {
	case n < 7:
		return randomFile{name("orders", "json"), r.wrap(t, r.orders(t))}
	case n < 12:
		return randomFile{name("orders", "json"), r.wrap(t, r.versions(t))}
	case n < 14:
		return randomFile{name("products", "csv"), r.pack(t, r.catalog(t, generate.ProductFaults(), generate.WriteProducts))}
	case n < 16:
		return randomFile{name("customers", "csv"), r.pack(t, r.catalog(t, generate.CustomerFaults(), generate.WriteCustomers))}
	default:
		return r.broken(t, name)
	}
}

// faults draws shares for some of the rules, often more than a file may bear.
func (r *randomFiles) faults(known []rules.ID) generate.Shares {
	shares := generate.Shares{}
	most := []float64{0.02, 0.1, 0.8}[r.IntN(3)]
	for _, i := range r.Perm(len(known))[:r.IntN(len(known)+1)] {
		share := most * r.Float64() / float64(len(known))
		if known[i] == rules.TooLarge {
			share = min(share, 0.01) // a MiB each
		}
		shares[known[i]] = share
	}
	return shares
}

// orders draws some orders, of yesterday or long ago. Few seeds, so that files
// share orders: the same again or, where a fault changed one of the two, in conflict.
func (r *randomFiles) orders(t *testing.T) []byte {
	t.Helper()
	to := r.today.AddDate(0, 0, -[]int{0, 0, 1, 30, 400, 3000}[r.IntN(6)])
	orders, err := generate.NewOrders(generate.OrderOptions{
		Seed: r.seed<<8 + uint64(r.IntN(6)), From: to.Add(-time.Duration(1+r.IntN(60)) * time.Hour), To: to,
		Customers: 50, Products: 20, Faults: r.faults(generate.OrderFaults()), UpdateShare: []float64{0, 0.3}[r.IntN(2)],
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []byte
	for range 1 + r.IntN(150) {
		lines = orders.Append(lines)
	}
	return lines
}

func (r *randomFiles) catalog(t *testing.T, known []rules.ID, write func(io.Writer, generate.CatalogOptions) (map[rules.ID]int, error)) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := write(&b, generate.CatalogOptions{Seed: uint64(r.IntN(4)), Count: 60, Today: r.today, Faults: r.faults(known)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// wrap gives lines of orders one of the forms that shops deliver.
func (r *randomFiles) wrap(t *testing.T, lines []byte) []byte {
	t.Helper()
	switch r.IntN(6) {
	case 0: // an array; a record that never ends would take its neighbours along
		whole := slices.Collect(wholeRecords(lines))
		lines = append(append([]byte("[\n"), bytes.Join(whole, []byte(",\n"))...), "]\n"...)
	case 1:
		lines = bytes.ReplaceAll(lines, []byte("\n"), []byte("\r\n"))
	case 2:
		lines = bytes.ReplaceAll(lines, []byte("\n"), []byte("\n \n"))
	case 3:
		lines = bytes.TrimSuffix(lines, []byte("\n"))
	}
	return r.pack(t, lines)
}

// wholeRecords are the lines that end an object.
func wholeRecords(lines []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for line := range bytes.Lines(lines) {
			line = bytes.TrimSpace(line)
			if !bytes.HasSuffix(line, []byte("}}")) && !bytes.Contains(line, []byte(`}, "`)) {
				continue
			}
			if !yield(line) {
				return
			}
		}
	}
}

// pack leaves a text as it is, marks it as UTF-8, or compresses it, in one or two members.
func (r *randomFiles) pack(t *testing.T, text []byte) []byte {
	t.Helper()
	switch r.IntN(6) {
	case 0:
		return append([]byte("\xef\xbb\xbf"), text...)
	case 1:
		return harness.Gzipped(t, text)
	case 2:
		at := r.IntN(len(text) + 1)
		return append(harness.Gzipped(t, text[:at]), harness.Gzipped(t, text[at:])...)
	}
	return text
}

// broken draws a file that cannot be loaded as a whole.
func (r *randomFiles) broken(t *testing.T, name func(kind, end string) string) randomFile {
	t.Helper()
	switch r.IntN(10) {
	case 0:
		return randomFile{name("orders", "json"), nil}
	case 1:
		return randomFile{name("orders", "json"), []byte(" \n\t\r\n\n")}
	case 2:
		return randomFile{name("orders", "json"), []byte("[ ]")}
	case 3:
		return randomFile{name("orders", "json.gz"), []byte("\x1f\x8b and no more")}
	case 4:
		return randomFile{name("orders", "json.gz"), cutOff(t, r.orders(t), r.Float64())}
	case 5:
		return randomFile{name("orders", "json"), utf16LE("\ufeff{\"order_id\": \"in the wrong encoding\"}\n")}
	case 6:
		return randomFile{name("invoices", "pdf"), []byte("%PDF-1.7")}
	case 7:
		return randomFile{name("products", "csv"), []byte("product_id,product_name,category,price\nP-1,Lamp,Home,1\n")}
	case 8:
		return randomFile{name("customers", "csv"), []byte("customer_id,name,email,registration_date,customer_tier\n")}
	default:
		return randomFile{name("orders", "json"), append(bytes.Repeat([]byte("{\n"), 20), harness.OrderFile(t, r.seed<<8+uint64(r.IntN(6)), 15, nil)...)}
	}
}

// cutOff compresses the text with little effort, so that it has many blocks, and
// keeps a part of what comes out.
func cutOff(t *testing.T, text []byte, part float64) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if _, err := w.Write(line); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()[:max(int(part*float64(b.Len())), 12)]
}

func utf16LE(text string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}
