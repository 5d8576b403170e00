package reference

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
)

const benchOrders = 10_000

func BenchmarkCompute(b *testing.B) {
	benchmark(b, func(f File) error {
		_, err := Compute([]File{f}, Policy{})
		return err
	})
}

// BenchmarkReadOrders is what verify --from-archive does with a file of orders, but for the hashes.
func BenchmarkReadOrders(b *testing.B) {
	benchmark(b, func(f File) error {
		_, err := ReadOrders(f, Policy{}, func(Record) {})
		return err
	})
}

func benchmark(b *testing.B, read func(File) error) {
	orders, err := generate.NewOrders(generate.OrderOptions{From: start.Add(-time.Hour), To: start})
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	if err := orders.WriteOrders(&out, benchOrders); err != nil {
		b.Fatal(err)
	}
	file := File{
		ID: "o", Name: "landing/orders/o.json", LandedAt: start, LoadedAt: start,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(out.Bytes())), nil },
	}
	b.SetBytes(int64(out.Len()))
	for b.Loop() {
		if err := read(file); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*benchOrders)/b.Elapsed().Seconds(), "orders/s")
}
