package reading

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
)

// parseWhole reads a file in as many passes as it takes.
func parseWhole(t *testing.T, file *pipelinev1.LandedFile, content []byte, size int64, out Outlet) *pipelinev1.FileManifest {
	t.Helper()
	m, err := New(file, testPolicy, nil, time.Unix(0, 0)).Read(t.Context(), func(context.Context) (io.ReadCloser, int64, error) {
		return io.NopCloser(bytes.NewReader(content)), size, nil
	}, out)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestFilesWithManyRefusals: of a file that is quarantined only so many refused records
// are published, and one that stands for the rest; of a file that is loaded, or that a
// person has released, each one, in one order and once.
func TestFilesWithManyRefusals(t *testing.T) {
	t.Parallel()
	lines, err := os.ReadFile("testdata/files/lines.json")
	if err != nil {
		t.Fatal(err)
	}
	order := lines[:bytes.IndexByte(lines, '\n')+1]
	refused := bytes.Repeat([]byte("x\n"), judgeAfter)
	good := bytes.Repeat(order, judgeAfter)
	half := len(good) / 2
	for name, tc := range map[string]struct {
		in        []byte
		zipped    bool
		cut       int // bytes that the file lacks at its end
		release   bool
		reason    rules.ID
		published int
	}{
		"just as many":       {in: refused, reason: rules.MostlyRefused, published: judgeAfter},
		"one more":           {in: append(bytes.Clone(refused), 'x'), reason: rules.MostlyRefused, published: judgeAfter + 1},
		"many more":          {in: bytes.Repeat(refused, 20), reason: rules.MostlyRefused, published: judgeAfter + 1},
		"many more, gzipped": {in: bytes.Repeat(refused, 20), zipped: true, reason: rules.MostlyRefused, published: judgeAfter + 1},
		"gzip breaks off":    {in: append(bytes.Clone(good), bytes.Repeat(refused, 2)...), zipped: true, cut: 9, reason: rules.TruncatedGzip, published: 2*judgeAfter + 1},
		"loaded after all":   {in: append(append(append([]byte{}, good[:half]...), append(refused, "y\ny\n"...)...), append(good[half:], good...)...), published: 3*judgeAfter + 2},
		"released":           {in: bytes.Repeat(refused, 2), release: true, published: 2 * judgeAfter},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := readingtest.File(kinds["orders"], "f")
			if tc.release {
				file.Revision, file.Overrides = 2, &pipelinev1.Overrides{AcceptRefused: true}
			}
			content := tc.in
			if tc.zipped {
				content = zipped(t, bytes.NewReader(tc.in)).Bytes()
			}
			content = content[:len(content)-tc.cut]
			var out readingtest.Memory
			m := parseWhole(t, file, content, int64(len(content)), &out)
			if m.GetReason() != string(tc.reason) || m.GetRecords() != int64(tc.published) || m.GetRejected() != int64(len(out.Rejected)) ||
				m.GetAccepted() != int64(len(out.Messages)) {
				t.Errorf("manifest %v; published %d good and %d refused records", m, len(out.Messages), len(out.Rejected))
			}
			if len(out.Records) != tc.published {
				t.Fatalf("%d records published, want %d", len(out.Records), tc.published)
			}
			for i, source := range out.Records {
				if source.GetRecordIndex() != int64(i) {
					t.Fatalf("record %d has index %d", i, source.GetRecordIndex())
				}
			}
			last := out.Rejected[len(out.Rejected)-1]
			if (last.GetRule() == string(rules.RestRefused)) != (tc.published > judgeAfter && tc.reason != "") {
				t.Fatalf("the last refused record is of %s", last.GetRule())
			}
			if last.GetRule() != string(rules.RestRefused) || tc.cut > 0 {
				return
			}
			rest := tc.in[last.GetByteOffset():]
			sum := sha256.Sum256(rest)
			if last.GetByteLength() != int64(len(rest)) || !bytes.Equal(last.GetPayload(), rest[:min(len(rest), 1<<20)]) ||
				last.GetSha256() != hex.EncodeToString(sum[:]) {
				t.Errorf("the rest of %d bytes is kept as %d bytes at %d, %d in the payload", len(rest), last.GetByteLength(), last.GetByteOffset(), len(last.GetPayload()))
			}
			if !strings.Contains(m.GetReasonDetail(), "kept in the file only") {
				t.Errorf("the reason does not tell: %s", m.GetReasonDetail())
			}
		})
	}
}

// TestVerdictIsKnownEarly: a file whose refused bytes outweigh all that may still come is
// not read to its end.
func TestVerdictIsKnownEarly(t *testing.T) {
	t.Parallel()
	const size = 4 << 20
	source := &counting{repeated{piece: []byte("xxxxxxx\n"), left: size}, 0}
	r := New(readingtest.File(kinds["orders"], "f"), testPolicy, nil, time.Time{})
	r.out = nothing{}
	m, err := r.read(t.Context(), source, size)
	if err != nil || m.GetReason() != string(rules.MostlyRefused) {
		t.Fatalf("manifest %v, %v", m, err)
	}
	if most := size * 9 / 10; source.n > most {
		t.Errorf("%d of %d bytes were read, want at most %d", source.n, size, most)
	}
}

type counting struct {
	repeated
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.repeated.Read(p)
	c.n += n
	return n, err
}
