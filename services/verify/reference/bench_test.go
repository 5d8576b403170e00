package reference

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
)

func BenchmarkCompute(b *testing.B) {
	const n = 10_000
	orders, err := generate.NewOrders(generate.OrderOptions{From: start.Add(-time.Hour), To: start})
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	if err := orders.WriteOrders(&out, n); err != nil {
		b.Fatal(err)
	}
	file := File{
		ID: "o", Name: "landing/orders/o.json", LandedAt: start, LoadedAt: start,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(out.Bytes())), nil },
	}
	b.SetBytes(int64(out.Len()))
	for b.Loop() {
		if _, err := Compute([]File{file}, Policy{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "orders/s")
}
