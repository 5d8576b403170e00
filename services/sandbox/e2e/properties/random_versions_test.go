package properties

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

const (
	// lives is how many orders the drawn versions are of, few, so that they meet in a file,
	// in a batch and across many.
	lives = 10
	// moments is how many times their updated_at are drawn from, so that some are equal.
	moments = 6
)

// start runs a sandbox whose policy for versions that nothing puts in order, and whose kind of
// catalogs, are others with each seed.
func (r *randomFiles) start(t *testing.T) *harness.Pipeline {
	t.Helper()
	config := harness.NewConfig(t.TempDir(), "all")
	duplicates := []loading.DuplicatePolicy{loading.FailFile, loading.RejectOrder, loading.Latest}[r.seed%3]
	mode := []reading.CatalogMode{reading.CatalogFull, reading.CatalogParts, reading.CatalogFull, reading.CatalogDelta}[r.seed%4]
	config.Variables["DUPLICATE_POLICY"], config.Variables["CATALOG_MODE"] = string(duplicates), string(mode)
	p := harness.StartWith(t, config)
	p.Policy.FailDuplicates = duplicates == loading.FailFile
	p.Policy.Latest = duplicates == loading.Latest
	p.Policy.CatalogMode = string(mode)
	return p
}

var orderID = regexp.MustCompile(`"order_id": "[^"]*"`)

// versions draws versions of orders: early and late, of several months, of one moment or
// of none, some of them the same again.
func (r *randomFiles) versions(t *testing.T) []byte {
	t.Helper()
	if r.contents == nil {
		orders, err := generate.NewOrders(generate.OrderOptions{
			Seed: r.seed << 9, From: r.today.AddDate(0, 0, -90), To: r.today, Customers: 50, Products: 20, VariedShare: 0.6,
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			r.contents = append(r.contents, orders.Append(nil))
		}
	}
	var lines []byte
	for range 1 + r.IntN(2*lives) {
		id := fmt.Appendf(nil, `"order_id": "life-%d-%d"`, r.seed, r.IntN(lives))
		switch n := r.IntN(moments + 3); {
		case n < moments:
			at := r.today.Add(time.Duration(n-moments) * time.Hour)
			id = fmt.Appendf(id, `, "updated_at": "%s"`, at.Format(time.RFC3339))
		case n == moments:
			id = append(id, `, "updated_at": null`...)
		}
		lines = append(lines, orderID.ReplaceAllLiteral(r.contents[r.IntN(len(r.contents))], id)...)
	}
	if r.IntN(3) == 0 { // among others
		lines = append(lines, bytes.TrimSpace(r.orders(t))...)
		lines = append(lines, '\n')
	}
	return lines
}

// readAgain reads some of the loaded files again, a few of them with other bytes in their
// place, and lets some of those in that may be released.
func (r *randomFiles) readAgain(t *testing.T, p *harness.Pipeline, sources []verify.Source) {
	t.Helper()
	for _, again := range []struct {
		command, files string
		most           int
	}{
		{"reprocess", "verdict = 'loaded'", 6},
		{"release", "reason IN ('mostly_refused', 'duplicate_orders', 'contradicting_records')", 3},
	} {
		rows := p.MustQuery(t, "SELECT file_id, kind, revision FROM file_ledger WHERE "+again.files+" ORDER BY landing_name, landed_at")
		args := []string{again.command}
		for _, i := range r.Perm(len(rows))[:min(len(rows), r.IntN(again.most+1))] {
			id, kind, revision := rows[i][0].(string), rows[i][1], rows[i][2].(int64)
			args = append(args, id)
			if again.command == "reprocess" && kind == "orders" && r.IntN(2) == 0 {
				content := r.versions(t)
				p.ReplaceBytes(t, id, string(content))
				correct(p, sources, id, revision+1, content)
			}
		}
		if len(args) > 1 {
			p.BringBack(t, len(args)-1, args...)
		}
	}
}

// correct notes the bytes that a file is read from, from a revision on.
func correct(p *harness.Pipeline, sources []verify.Source, id string, revision int64, content []byte) {
	for i := range sources {
		s := &sources[i]
		if identity.FileID(p.Endpoints.Bucket, s.Name, s.Generation) != id {
			continue
		}
		if s.Corrected == nil {
			s.Corrected = make(map[int64]func() (io.ReadCloser, error))
		}
		s.Corrected[revision] = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	}
}
