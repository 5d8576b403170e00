package reading

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

var testPolicy = Policy{Currency: "USD", RejectFileShare: 0.5, MaxRecords: 1_000_000, MaxOrderLines: 10_000, MaxOrderAgeDays: 3653, MaxDecompressedBytes: 1 << 30, MaxCompressionRatio: 300}

var kinds = map[string]pipelinev1.FileKind{
	"orders":    pipelinev1.FileKind_FILE_KIND_ORDERS,
	"products":  pipelinev1.FileKind_FILE_KIND_PRODUCTS,
	"customers": pipelinev1.FileKind_FILE_KIND_CUSTOMERS,
	"unknown":   pipelinev1.FileKind_FILE_KIND_UNSPECIFIED,
}

func parse(t testing.TB, kind pipelinev1.FileKind, name string, content io.Reader, out Outlet) (*pipelinev1.FileManifest, error) {
	t.Helper()
	r := New(readingtest.File(kind, name), testPolicy, nil, time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC))
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

// TestFileCorpus reads testdata/files and compares each reading with its line of expected.tsv.
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
				r := New(readingtest.File(kinds[kind], name), testPolicy, nil, time.Now())
				m, err := r.Read(t.Context(), nil, &readingtest.Memory{})
				if err != nil || m.GetReason() != string(rules.UnknownKind) {
					t.Errorf("manifest %v, %v", m, err)
				}
				return
			}
			var out readingtest.Memory
			m, err := parse(t, kinds[kind], name, bytes.NewReader(content), &out)
			if err != nil {
				t.Fatal(err)
			}
			refused, warned := map[string]int{}, map[string]int{}
			for _, r := range out.Rejected {
				refused[r.Rule]++
			}
			for i, source := range out.Records {
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
			if m.Rejected != int64(len(out.Rejected)) || m.Records != int64(len(out.Records)) {
				t.Errorf("manifest counts %d and %d, published %d and %d", m.Records, m.Rejected, len(out.Records), len(out.Rejected))
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
	var first, second readingtest.Memory
	m1, err1 := parse(t, kinds["orders"], "f", bytes.NewReader(content), &first)
	m2, err2 := parse(t, kinds["orders"], "f", iotest.OneByteReader(bytes.NewReader(content)), &second)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for what, diff := range map[string]string{
		"manifest": cmp.Diff(m1, m2, protocmp.Transform()),
		"messages": cmp.Diff(first.Messages, second.Messages, protocmp.Transform()),
		"rejected": cmp.Diff(first.Rejected, second.Rejected, protocmp.Transform()),
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
		func(p *Policy) { p.MaxOrderLines++ },
		func(p *Policy) { p.MaxOrderAgeDays++ },
		func(p *Policy) { p.MaxDecompressedBytes++ },
		func(p *Policy) { p.MaxCompressionRatio++ },
	} {
		policy := testPolicy
		change(&policy)
		seen[New(readingtest.File(kinds["orders"], "f"), policy, nil, time.Time{}).ParseID] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d parse ids of 8 policies", len(seen))
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
		file := readingtest.File(kinds["orders"], "f")
		change(file)
		seen[New(file, testPolicy, nil, time.Time{}).ParseID] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d parse ids of 5 revisions", len(seen))
	}
	first := readingtest.File(kinds["orders"], "f")
	first.Revision = 1
	if !seen[New(first, testPolicy, nil, time.Time{}).ParseID] {
		t.Error("revision 1 reads as another than a file without a revision")
	}
}

func TestRejectedRecordKeepsTheOriginal(t *testing.T) {
	t.Parallel()
	bad := `{"order_id":"O-1","items":"none","order_timestamp":"2026-11-01","total_amount":1,"payment_status":"failed","shipping_address":{"city":1}}`
	var out readingtest.Memory
	if _, err := parse(t, kinds["orders"], "f.json", strings.NewReader("\n \n"+bad+"\r\n"), &out); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(bad))
	want := &pipelinev1.RejectedRecord{
		Source: &pipelinev1.RecordSource{FileId: "file-1", ParseId: out.Records[0].ParseId,
			LandedAt: timestamppb.New(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))},
		Kind: kinds["orders"], LandingName: "landing/f.json", ByteOffset: 3, ByteLength: int64(len(bad)),
		Payload: []byte(bad), Sha256: hex.EncodeToString(sum[:]),
		Rule: "wrong_type", FieldPath: "items", ParserVersion: rules.Version,
		Message: `3 faults: (1) items: expected an array, not "none" (2) shipping_address.city: expected a string, not a number; write it in quotes, or read the file by a source, which takes numbers as texts` +
			` (3) customer_id: the field is required; write null for the order of a guest`,
		FirstMessage: `expected an array, not "none"`,
		FurtherCount: 2,
		FurtherFaults: []*pipelinev1.RecordFault{
			{Rule: "wrong_type", FieldPath: "shipping_address.city", Message: "expected a string, not a number; write it in quotes, or read the file by a source, which takes numbers as texts"},
			{Rule: "missing_field", FieldPath: "customer_id", Message: "the field is required; write null for the order of a guest"},
		},
		RejectedAt: timestamppb.New(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)),
	}
	if diff := cmp.Diff(want, out.Rejected[0], protocmp.Transform()); diff != "" {
		t.Errorf("rejected record (-want +got):\n%s", diff)
	}
}

func TestManifestListsTouchedDates(t *testing.T) {
	t.Parallel()
	order := func(at string) string {
		return `{"order_id":"O","customer_id":"C","order_timestamp":"` + at + `","items":[{"product_id":"P","quantity":1,"unit_price":1}],` +
			`"total_amount":1,"payment_status":"failed","shipping_address":{}}` + "\n"
	}
	var out readingtest.Memory
	m, err := parse(t, kinds["orders"], "f", strings.NewReader(
		order("2026-11-01T00:59:59.999999")+order("2026-10-31T23:30:00-01:00")+order("2026-10-31T23:00:00")+order("2026-10-31T00:00:00Z")+order("soon")), &out)
	if err != nil {
		t.Fatal(err)
	}
	const day = 20757 // 2026-10-31
	if diff := cmp.Diff([]int32{day, day + 1}, m.OrderDates); diff != "" {
		t.Errorf("dates (-want +got):\n%s", diff)
	}
}

// TestDaysOfHours: the days of UTC in which the hours of the shop's clock began are known exactly, of
// hours that begin at half past and of clocks that are changed too.
func TestDaysOfHours(t *testing.T) {
	t.Parallel()
	const day = 20757 // 2026-10-31
	for name, tc := range map[string]struct {
		zone, at   string
		dates, utc []int32
	}{
		"UTC at midnight":         {"UTC", "2026-10-31T00:00:00Z", []int32{day}, []int32{day}},
		"before UTC's midnight":   {"UTC", "2026-10-31T23:59:59.999999Z", []int32{day}, []int32{day}},
		"New York by day":         {"America/New_York", "2026-10-31T12:00:00", []int32{day}, []int32{day}},
		"New York in the evening": {"America/New_York", "2026-10-31T20:00:00", []int32{day}, []int32{day + 1}},
		"New York, clock changed": {"America/New_York", "2026-11-01T18:59:00", []int32{day + 1}, []int32{day + 1}},
		"Tokyo in the morning":    {"Asia/Tokyo", "2026-10-31T08:59:59", []int32{day}, []int32{day - 1}},
		"Kolkata, half past":      {"Asia/Kolkata", "2026-10-31T00:15:00Z", []int32{day}, []int32{day - 1}}, // 5:45, whose hour began at 23:30Z
		"Kolkata, the next hour":  {"Asia/Kolkata", "2026-10-31T00:30:00Z", []int32{day}, []int32{day}},
		"before 1970":             {"Asia/Kathmandu", "1969-12-31T23:50:00Z", []int32{0}, []int32{-1}},
	} {
		var touched touched
		zone, err := calendar.Load(tc.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, tc.at)
		if err != nil {
			if at, err = time.ParseInLocation("2006-01-02T15:04:05", tc.at, zone.Location()); err != nil {
				t.Fatal(err)
			}
		}
		_, offset := at.In(zone.Location()).Zone()
		touched.add(at.UnixMicro(), int64(offset))
		if diff := cmp.Diff([][]int32{tc.dates, tc.utc}, [][]int32{touched.sortedDays(), touched.sortedHourDays()}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestManifestTellsOfVersions: only an accepted order that says when it was updated is a version.
func TestManifestTellsOfVersions(t *testing.T) {
	t.Parallel()
	order := func(updated string) string {
		return `{"order_id":"O","updated_at":` + updated + `,"customer_id":null,"order_timestamp":"2026-11-01T00:00:00Z",` +
			`"items":[{"product_id":null,"quantity":1,"unit_price":1}],"total_amount":1,"payment_status":"failed","shipping_address":null}` + "\n"
	}
	for content, want := range map[string]bool{
		order("null") + order(`"soon"`):                        false,
		order("null") + order(`"2026-11-01T01:00:00Z"`) + "{}": true,
	} {
		m, err := parse(t, kinds["orders"], "f", strings.NewReader(content), &readingtest.Memory{})
		if err != nil || m.HasVersions != want {
			t.Errorf("%s: has versions %t, want %t (%v)", content, m.GetHasVersions(), want, err)
		}
	}
}

func TestTransientFaultsAreErrors(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/files/lines.json")
	if err != nil {
		t.Fatal(err)
	}
	errSource := errors.New("connection reset")
	m, err := parse(t, kinds["orders"], "f", io.MultiReader(bytes.NewReader(content[:700]), iotest.ErrReader(errSource)), &readingtest.Memory{})
	if m != nil || !errors.Is(err, errSource) {
		t.Errorf("a source that fails gives %v, %v", m, err)
	}
	m, err = parse(t, kinds["orders"], "f", bytes.NewReader(content), &readingtest.Memory{FailAt: 3})
	if m != nil || !errors.Is(err, readingtest.ErrPublish) {
		t.Errorf("an outlet that fails gives %v, %v", m, err)
	}
}

func TestMaxRecords(t *testing.T) {
	t.Parallel()
	for in, reason := range map[string]string{"1\n2": "", "1\n2\n3": string(rules.TooManyRecords)} {
		r := New(readingtest.File(kinds["orders"], "f"), Policy{Currency: "USD", RejectFileShare: 1, MaxRecords: 2, MaxOrderLines: 1, MaxOrderAgeDays: 1}, nil, time.Time{})
		r.out = &readingtest.Memory{}
		m, err := r.read(t.Context(), strings.NewReader(in), -1)
		if err != nil || m.Reason != reason || m.Records != 2 {
			t.Errorf("%q: manifest %v, %v", in, m, err)
		}
	}
}

// TestHint: a file that is no native one, in a folder that may be meant as a source's, says
// which sources there are.
func TestHint(t *testing.T) {
	t.Parallel()
	sources, err := source.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, content string
		reason        rules.ID
		hinted        bool
	}{
		{"orders/magento/a.json", `{"no":1}`, rules.MostlyRefused, true},
		{"orders/magento/a.json", "{\n \"no\": 1\n}\n", rules.UnknownShape, true},
		{"products/magento/a.csv", "sku,name\n1,2\n", rules.HeaderMismatch, true},
		{"orders/2026/11/a.json", `{"no":1}`, rules.MostlyRefused, false},
		{"orders/a.json", `{"no":1}`, rules.MostlyRefused, false},
	} {
		kind, _, _ := strings.Cut(tc.name, "/")
		m, err := New(readingtest.File(kinds[kind], tc.name), testPolicy, sources, time.Time{}).Read(t.Context(), func(context.Context) (io.ReadCloser, int64, error) {
			return io.NopCloser(strings.NewReader(tc.content)), -1, nil
		}, &readingtest.Memory{})
		if err != nil || m.GetReason() != string(tc.reason) || strings.Contains(m.GetReasonDetail(), `no source is called "magento"`) != tc.hinted {
			t.Errorf("%s: %s: %s (%v)", tc.name, m.GetReason(), m.GetReasonDetail(), err)
		}
	}
}
