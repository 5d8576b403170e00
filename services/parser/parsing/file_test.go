package parsing

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing/decode"
)

var testPolicy = Policy{Currency: "USD", RejectFileShare: 0.5, MaxRecords: 1_000_000, MaxDecompressedBytes: 1 << 30, MaxCompressionRatio: 300}

var kinds = map[string]pipelinev1.FileKind{
	"orders":    pipelinev1.FileKind_FILE_KIND_ORDERS,
	"products":  pipelinev1.FileKind_FILE_KIND_PRODUCTS,
	"customers": pipelinev1.FileKind_FILE_KIND_CUSTOMERS,
	"unknown":   pipelinev1.FileKind_FILE_KIND_UNSPECIFIED,
}

func landedFile(kind pipelinev1.FileKind, name string) *pipelinev1.LandedFile {
	return &pipelinev1.LandedFile{
		FileId: "file-1", Kind: kind, Bucket: "bucket", LandingName: "landing/" + name, StagingName: "staging/" + name,
		LandedAt: timestamppb.New(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)),
	}
}

// memory is an outlet that keeps copies.
type memory struct {
	records  []*pipelinev1.RecordSource
	messages []proto.Message
	rejected []*pipelinev1.RejectedRecord
	failAt   int // the record that cannot be published, counted from 1
}

var errPublish = errors.New("publish failed")

func (m *memory) accept(_ context.Context, a *decode.Accepted) error {
	if len(m.records)+1 == m.failAt {
		return errPublish
	}
	m.records = append(m.records, proto.CloneOf(a.Source))
	m.messages = append(m.messages, proto.Clone(a.Message))
	return nil
}

func (m *memory) reject(_ context.Context, r *pipelinev1.RejectedRecord) error {
	r = proto.CloneOf(r) // the payload is only lent
	m.records = append(m.records, r.Source)
	m.rejected = append(m.rejected, r)
	return nil
}

func parse(t testing.TB, kind pipelinev1.FileKind, name string, content io.Reader, out outlet) (*pipelinev1.FileManifest, error) {
	t.Helper()
	r := newReading(landedFile(kind, name), testPolicy, time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC))
	r.out = out
	return r.read(t.Context(), content, -1)
}

// tally spells counted rules as rule:n,rule:n.
func tally(counts map[string]int) string {
	var list []string
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%s:%d", rule, counts[rule]))
	}
	if list == nil {
		return "-"
	}
	return strings.Join(list, ",")
}

// TestFileCorpus reads testdata/files and holds each reading against its line of expected.tsv.
func TestFileCorpus(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/files/expected.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		want := strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(want, "#") {
			continue
		}
		name, rest, _ := strings.Cut(want, "\t")
		kind, _, _ := strings.Cut(rest, "\t")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join("testdata/files", name))
			if err != nil {
				t.Fatal(err)
			}
			if kind == "unknown" {
				r := newReading(landedFile(kinds[kind], name), testPolicy, time.Now())
				m, err := (&Service{}).readFile(t.Context(), r)
				if err != nil || m.GetReason() != string(rules.UnknownKind) {
					t.Errorf("manifest %v, %v", m, err)
				}
				return
			}
			var out memory
			m, err := parse(t, kinds[kind], name, bytes.NewReader(content), &out)
			if err != nil {
				t.Fatal(err)
			}
			refused, warned := map[string]int{}, map[string]int{}
			for _, r := range out.rejected {
				refused[r.Rule]++
			}
			for i, source := range out.records {
				if source.RecordIndex != int64(i) {
					t.Errorf("record %d has index %d", i, source.RecordIndex)
				}
				for _, rule := range source.Warnings {
					warned[rule]++
				}
			}
			reason := m.Reason
			if (m.Verdict == pipelinev1.Verdict_VERDICT_QUARANTINED) != (reason != "") || (reason != "") != (m.ReasonDetail != "") {
				t.Errorf("verdict %v, reason %q: %q", m.Verdict, reason, m.ReasonDetail)
			}
			if reason == "" {
				reason = "-"
			}
			if m.Rejected != int64(len(out.rejected)) || m.Records != int64(len(out.records)) {
				t.Errorf("manifest counts %d and %d, published %d and %d", m.Records, m.Rejected, len(out.records), len(out.rejected))
			}
			got := fmt.Sprintf("%s\t%s\t%s\t%d\t%d\t%s\t%s", name, kind, reason, m.Records, m.Accepted, tally(refused), tally(warned))
			if got != want {
				t.Errorf("reading (file, kind, reason, records, accepted, refused, warnings)\n got %s\nwant %s", got, want)
			}
		})
	}
}

// TestReadingIsRepeatable: a redelivered file must publish the same messages.
func TestReadingIsRepeatable(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/files/every_record_rule.json")
	if err != nil {
		t.Fatal(err)
	}
	var first, second memory
	m1, err1 := parse(t, kinds["orders"], "f", bytes.NewReader(content), &first)
	m2, err2 := parse(t, kinds["orders"], "f", iotest.OneByteReader(bytes.NewReader(content)), &second)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for what, diff := range map[string]string{
		"manifest": cmp.Diff(m1, m2, protocmp.Transform()),
		"messages": cmp.Diff(first.messages, second.messages, protocmp.Transform()),
		"rejected": cmp.Diff(first.rejected, second.rejected, protocmp.Transform()),
	} {
		if diff != "" {
			t.Errorf("%s differ: %s", what, diff)
		}
	}
}

func TestPolicyChangesParseID(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, change := range []func(*Policy){
		func(*Policy) {},
		func(p *Policy) { p.Currency = "EUR" },
		func(p *Policy) { p.RejectFileShare = 1 },
		func(p *Policy) { p.MaxRecords++ },
		func(p *Policy) { p.MaxDecompressedBytes++ },
		func(p *Policy) { p.MaxCompressionRatio++ },
	} {
		policy := testPolicy
		change(&policy)
		seen[newReading(landedFile(kinds["orders"], "f"), policy, time.Time{}).parseID] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d parse ids of 6 policies", len(seen))
	}
}

func TestRevisionChangesParseID(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, change := range []func(*pipelinev1.LandedFile){
		func(*pipelinev1.LandedFile) {},
		func(f *pipelinev1.LandedFile) { f.Revision = 2 },
		func(f *pipelinev1.LandedFile) { f.Revision = 3 },
		func(f *pipelinev1.LandedFile) {
			f.Revision, f.Overrides = 2, &pipelinev1.Overrides{AcceptRefused: true}
		},
		func(f *pipelinev1.LandedFile) {
			f.Revision, f.Overrides = 2, &pipelinev1.Overrides{AcceptDuplicates: true}
		},
	} {
		file := landedFile(kinds["orders"], "f")
		change(file)
		seen[newReading(file, testPolicy, time.Time{}).parseID] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d parse ids of 5 revisions", len(seen))
	}
	first := landedFile(kinds["orders"], "f")
	first.Revision = 1
	if !seen[newReading(first, testPolicy, time.Time{}).parseID] {
		t.Error("revision 1 reads as another than a file without a revision")
	}
}

func TestRejectedRecordKeepsTheOriginal(t *testing.T) {
	t.Parallel()
	bad := `{"order_id":"O-1","items":"none"}`
	var out memory
	if _, err := parse(t, kinds["orders"], "f.json", strings.NewReader("\n \n"+bad+"\r\n"), &out); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(bad))
	want := &pipelinev1.RejectedRecord{
		Source: &pipelinev1.RecordSource{FileId: "file-1", ParseId: out.records[0].ParseId,
			LandedAt: timestamppb.New(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))},
		Kind: kinds["orders"], LandingName: "landing/f.json", ByteOffset: 3, ByteLength: int64(len(bad)),
		Payload: []byte(bad), Sha256: hex.EncodeToString(sum[:]),
		Rule: "wrong_type", FieldPath: "items", Message: "expected an array", ParserVersion: rules.Version,
		RejectedAt: timestamppb.New(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)),
	}
	if diff := cmp.Diff(want, out.rejected[0], protocmp.Transform()); diff != "" {
		t.Errorf("rejected record (-want +got):\n%s", diff)
	}
}

func TestManifestListsTouchedHoursAndDates(t *testing.T) {
	t.Parallel()
	order := func(at string) string {
		return `{"order_id":"O","customer_id":"C","order_timestamp":"` + at + `","items":[{"product_id":"P","quantity":1,"unit_price":1}],` +
			`"total_amount":1,"payment_status":"failed","shipping_address":{}}` + "\n"
	}
	var out memory
	m, err := parse(t, kinds["orders"], "f", strings.NewReader(
		order("2026-11-01T00:59:59.999999")+order("2026-10-31T23:30:00-01:00")+order("2026-10-31T23:00:00")+order("2026-10-31T00:00:00Z")+order("soon")), &out)
	if err != nil {
		t.Fatal(err)
	}
	const day = 20757 // 2026-10-31
	if diff := cmp.Diff([]int32{day, day + 1}, m.OrderDates); diff != "" {
		t.Errorf("dates (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int32{day * 24, day*24 + 23, day*24 + 24}, m.OrderHours); diff != "" {
		t.Errorf("hours (-want +got):\n%s", diff)
	}
}

func TestTransientFaultsAreErrors(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/files/lines.json")
	if err != nil {
		t.Fatal(err)
	}
	errSource := errors.New("connection reset")
	m, err := parse(t, kinds["orders"], "f", io.MultiReader(bytes.NewReader(content[:700]), iotest.ErrReader(errSource)), &memory{})
	if m != nil || !errors.Is(err, errSource) {
		t.Errorf("a source that fails gives %v, %v", m, err)
	}
	m, err = parse(t, kinds["orders"], "f", bytes.NewReader(content), &memory{failAt: 3})
	if m != nil || !errors.Is(err, errPublish) {
		t.Errorf("an outlet that fails gives %v, %v", m, err)
	}
}

func TestMaxRecords(t *testing.T) {
	t.Parallel()
	r := newReading(landedFile(kinds["orders"], "f"), Policy{Currency: "USD", RejectFileShare: 1, MaxRecords: 2}, time.Time{})
	r.out = &memory{}
	for in, reason := range map[string]string{"1\n2": "", "1\n2\n3": string(rules.TooManyRecords)} {
		r.records, r.rejected = 0, map[rules.ID]int64{}
		m, err := r.read(t.Context(), strings.NewReader(in), -1)
		if err != nil || m.Reason != reason || m.Records != 2 {
			t.Errorf("%q: manifest %v, %v", in, m, err)
		}
	}
}

// nothing is an outlet that drops everything.
type nothing struct{}

func (nothing) accept(context.Context, *decode.Accepted) error           { return nil }
func (nothing) reject(context.Context, *pipelinev1.RejectedRecord) error { return nil }

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

func zipped(t *testing.T, r io.Reader) io.Reader {
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
