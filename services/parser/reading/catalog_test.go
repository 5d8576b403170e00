package reading

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

// TestCatalogOfASource: what a source says of its files counts more than CATALOG_MODE, by the
// format that the file has, also where the file cannot be read.
func TestCatalogOfASource(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const (
		csv   = "fields: {product_id: id, price: p, product_name: n, category: c, stock_level: s}"
		jsons = "fields: {customer_id: /id, name: /n, email: /e, registration_date: /r, customer_tier: /t}"
	)
	for name, content := range map[string]string{
		"changes": "products:\n  csv:\n    catalog: delta\n    " + csv + "\ncustomers:\n  json:\n    catalog: parts\n    " + jsons +
			"\n  csv:\n    catalog: delta\n    fields: {customer_id: id, name: n, email: e, registration_date: r, customer_tier: t}\n",
		"whole":  "products:\n  csv:\n    catalog: full\n    " + csv + "\n",
		"silent": "products:\n  csv:\n    " + csv + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sources, err := source.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	const (
		rows   = "id,n,c,p,s\n1,Mug,Home,1.00,1\n"
		native = "product_id,product_name,category,price,stock_level\n1,Mug,Home,1.00,1\n"
	)
	for name, tc := range map[string]struct {
		kind, file, content string
		policy              CatalogMode
		want                CatalogMode
	}{
		"a delta where catalogs are full":        {"products", "changes/a.csv", rows, CatalogFull, CatalogDelta},
		"a catalog where files are deltas":       {"products", "whole/a.csv", rows, CatalogDelta, CatalogFull},
		"a source that says nothing":             {"products", "silent/a.csv", rows, CatalogParts, CatalogParts},
		"native records":                         {"products", "a.csv", native, CatalogParts, CatalogParts},
		"its JSON":                               {"customers", "changes/a.json", `{"id":1,"n":"A","e":"a@b","r":"2026-01-01","t":"gold"}`, CatalogFull, CatalogParts},
		"its CSV":                                {"customers", "changes/a.csv", "id,n,e,r,t\n1,A,a@b,2026-01-01,gold\n", CatalogFull, CatalogDelta},
		"a file of another format":               {"products", "changes/a.json", `{"id":1}`, CatalogFull, CatalogDelta},
		"a broken file of either format":         {"customers", "changes/a.gz", "\x1f\x8b", CatalogFull, CatalogParts},
		"a folder that is called nearly like it": {"products", "chnages/a.csv", rows, CatalogFull, CatalogFull},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy := testPolicy
			policy.CatalogMode = tc.policy
			file := readingtest.File(kinds[tc.kind], tc.kind+"/"+tc.file)
			m, err := New(file, policy, sources, time.Unix(0, 0)).Read(t.Context(), func(context.Context) (io.ReadCloser, int64, error) {
				return io.NopCloser(bytes.NewReader([]byte(tc.content))), int64(len(tc.content)), nil
			}, &readingtest.Memory{})
			if err != nil {
				t.Fatal(err)
			}
			if m.GetCatalogMode() != catalogModes[tc.want] {
				t.Errorf("%v (%s %s), want %s", m.GetCatalogMode(), m.GetReason(), m.GetReasonDetail(), tc.want)
			}
		})
	}
}
