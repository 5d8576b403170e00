package source_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zackkki/ecomm_datapipeline/pkg/money"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

var policy = reading.Policy{Currency: "USD", RejectFileShare: 0.5, MaxRecords: 1_000_000, MaxOrderLines: 10_000, MaxOrderAgeDays: 3653, MaxDecompressedBytes: 1 << 30, MaxCompressionRatio: 300}

var update = flag.Bool("update", false, "write the .want files of testdata/samples anew")

var kinds = map[string]pipelinev1.FileKind{
	"orders":    pipelinev1.FileKind_FILE_KIND_ORDERS,
	"products":  pipelinev1.FileKind_FILE_KIND_PRODUCTS,
	"customers": pipelinev1.FileKind_FILE_KIND_CUSTOMERS,
}

// load gives the built-in sources and the examples.
func load(t testing.TB) *source.Set {
	t.Helper()
	set, err := source.Load("examples")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// read reads content as if it had landed under the name, such as orders/shopify/f.json.
func read(t testing.TB, set *source.Set, name string, content []byte) (*pipelinev1.FileManifest, *readingtest.Memory) {
	t.Helper()
	kind, _, _ := strings.Cut(name, "/")
	var out readingtest.Memory
	r := reading.New(readingtest.File(kinds[kind], name), policy, set, time.Unix(0, 0))
	m, err := r.Read(t.Context(), func(context.Context) (io.ReadCloser, int64, error) {
		return io.NopCloser(bytes.NewReader(content)), int64(len(content)), nil
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	return m, &out
}

func amountText(m *moneypb.Money) string {
	if m == nil {
		return "-"
	}
	text := money.Numeric(m)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// spell writes a native record on few lines, all that counts in it.
func spell(message any) string {
	var b strings.Builder
	put := func(parts ...string) { b.WriteString(strings.Join(parts, " ")) }
	switch m := message.(type) {
	case *ordersv1.Order:
		customer := m.GetCustomerId()
		if customer == "" {
			customer = "guest"
		}
		included := "-"
		if m.TaxIncluded != nil {
			included = map[bool]string{true: "yes", false: "no"}[m.GetTaxIncluded()]
		}
		updated := "-"
		if m.GetUpdatedAt() != nil {
			updated = m.GetUpdatedAt().AsTime().Format(time.RFC3339Nano)
		}
		put(m.GetOrderId(), customer, m.GetOrderTimestamp().AsTime().Format(time.RFC3339Nano), "updated", updated, m.GetPaymentStatusText(),
			"total", amountText(m.GetTotalAmount()), "tax", amountText(m.GetTaxAmount()), "included", included,
			"shipping", amountText(m.GetShippingAmount()), "discount", amountText(m.GetDiscountAmount()), "refunded", amountText(m.GetRefundedAmount()))
		if a := m.GetShippingAddress(); a != nil {
			put(" to ", strings.Join([]string{a.GetStreet(), a.GetCity(), a.GetState(), a.GetZipcode(), a.GetCountry()}, "/"))
		}
		for _, w := range m.GetSource().GetWarnings() {
			put(" !" + w)
		}
		for _, item := range m.GetItems() {
			product := item.GetProductId()
			if product == "" {
				product = "none"
			}
			put("\n ", product, strconv.FormatInt(item.GetQuantity(), 10), "x", amountText(item.GetUnitPrice()), "less", amountText(item.GetDiscountAmount()))
		}
	case *catalogv1.Product:
		stock := "-"
		if !m.GetStockLevelMissing() {
			stock = strconv.FormatInt(m.GetStockLevel(), 10)
		}
		put(m.GetProductId(), "/", m.GetProductName(), "/", orDash(m.GetCategory()), "/", amountText(m.GetPrice()), "/", stock+orInactive(m.GetInactive()))
	case *catalogv1.Customer:
		put(m.GetCustomerId(), "/", m.GetName(), "/", m.GetEmail(), "/", orDash(m.GetRegistrationDate()), "/", orDash(m.GetCustomerTier())+orInactive(m.GetInactive()))
	}
	return b.String()
}

// orInactive marks a row that says that it is not active.
func orInactive(inactive bool) string {
	if inactive {
		return " / inactive"
	}
	return ""
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// TestSamples reads each file of testdata/samples, whose folders are those of the bucket,
// and compares what becomes of it with the file beside it that ends with .want. The sums
// there were worked out by hand from the sample.
func TestSamples(t *testing.T) {
	t.Parallel()
	set := load(t)
	var files []string
	for _, depth := range []string{"*/*/*", "*/*/*/*"} {
		found, err := filepath.Glob("testdata/samples/" + depth)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	n := 0
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil || info.IsDir() || strings.HasSuffix(path, ".want") {
			continue
		}
		n++
		name := strings.TrimPrefix(path, "testdata/samples/")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			m, out := read(t, set, name, content)
			var got strings.Builder
			if m.GetReason() != "" {
				got.WriteString("quarantined " + m.GetReason() + ": " + m.GetReasonDetail() + "\n")
			}
			for _, message := range out.Messages {
				got.WriteString(spell(message) + "\n")
			}
			for _, r := range out.Rejected {
				if string(content[r.GetByteOffset():][:r.GetByteLength()]) != string(r.GetPayload()) {
					t.Errorf("the refused record %d is not kept as it stands in the file", r.GetSource().GetRecordIndex())
				}
				got.WriteString("refused " + r.GetRule() + ": " + r.GetFieldPath() + ": " + r.GetMessage() + "\n")
			}
			if *update {
				if err := os.WriteFile(path+".want", []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path + ".want")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
	if n < 8 {
		t.Errorf("only %d samples", n)
	}
}
