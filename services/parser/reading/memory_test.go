package reading

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
)

// nothing is an outlet that drops everything.
type nothing struct{}

func (nothing) Accept(context.Context, *decode.Accepted) error { return nil }

func (nothing) Reject(context.Context, *pipelinev1.RejectedRecord) error { return nil }

// TestMemoryIsFlat reads large and hostile files and looks at the live heap on
// the way. It is not parallel: the heap is everybody's.
func TestMemoryIsFlat(t *testing.T) {
	order, err := os.ReadFile("testdata/files/lines.json")
	if err != nil {
		t.Fatal(err)
	}
	const size = 48 << 20
	for name, content := range map[string]io.Reader{
		"orders":          &repeated{piece: order, left: size},
		"one line":        &repeated{piece: []byte(strings.Repeat("x", 1<<16)), left: size},
		"one text":        io.MultiReader(strings.NewReader(`[{"a":"`), &repeated{piece: []byte(strings.Repeat("x", 1<<16)), left: size}),
		"open brackets":   &repeated{piece: []byte(strings.Repeat("[", 1<<16)), left: size},
		"blank lines":     &repeated{piece: []byte(strings.Repeat(" \n", 1<<15)), left: size},
		"lines of 1 MiB":  &repeated{piece: []byte(strings.Repeat("[", 1<<20-1) + "\n"), left: size},
		"gzip of 16 MiB":  zipped(t, &repeated{piece: order, left: 16 << 20}),
		"names of 1 MiB":  &repeated{piece: manyNames(), left: 24 << 20},
		"values of 1 MiB": &repeated{piece: []byte(`{"x":[` + strings.Repeat("1,", 500_000) + `1]}` + "\n"), left: 24 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			sampled := &sampler{r: content, from: live()}
			if _, err := parse(t, kinds["orders"], name, sampled, nothing{}); err != nil {
				t.Fatal(err)
			}
			if sampled.most > 16<<20 {
				t.Errorf("the reading held %d MiB", sampled.most>>20)
			}
		})
	}
}

// live is the heap in use, garbage left out.
func live() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// sampler looks at the live heap at its first reads and then at every 16 MiB.
type sampler struct {
	r          io.Reader
	reads      int
	n, at      int
	from, most int64
}

func (s *sampler) Read(p []byte) (int, error) {
	if s.reads++; s.reads < 5 || s.n > s.at {
		s.at = s.n + 16<<20
		s.most = max(s.most, live()-s.from)
	}
	n, err := s.r.Read(p)
	s.n += n
	return n, err
}

func manyNames() []byte {
	var b strings.Builder
	b.WriteString(`{"n":0`)
	for i := 0; b.Len() < 1<<20-100; i++ {
		fmt.Fprintf(&b, `,"n%d":0`, i)
	}
	b.WriteString("}\n")
	return []byte(b.String())
}

func zipped(t *testing.T, r io.Reader) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

// repeated gives a piece over and over, left bytes in all.
type repeated struct {
	piece []byte
	at    int
	left  int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.left)], r.piece[r.at:])
	r.at = (r.at + n) % len(r.piece)
	r.left -= n
	return n, nil
}

func BenchmarkParse(b *testing.B) {
	order, err := os.ReadFile("testdata/files/lines.json")
	if err != nil {
		b.Fatal(err)
	}
	file := bytes.Repeat(order, 2500)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := parse(b, kinds["orders"], "f", bytes.NewReader(file), nothing{})
		if err != nil || m.Accepted != 10_000 {
			b.Fatalf("manifest %v, %v", m, err)
		}
	}
	b.ReportMetric(10_000*float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}
