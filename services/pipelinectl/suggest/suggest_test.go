package suggest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/check"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/suggest"
)

var policy = reading.Policy{Currency: "USD", RejectFileShare: 0.5, MaxRecords: 1000, MaxOrderLines: 100, MaxOrderAgeDays: 3653, MaxDecompressedBytes: 1 << 30, MaxCompressionRatio: 300}

// load drafts a source for content and reads the content by it.
func load(t *testing.T, kind string, content []byte) (*check.Report, string) {
	t.Helper()
	draft, err := suggest.Draft(bytes.NewReader(content), kind)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := suggest.Draft(bytes.NewReader(content), kind); err != nil || again != draft {
		t.Errorf("a second draft differs (%v)", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "draft.yaml"), []byte(draft), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := source.Load(dir)
	if err != nil {
		t.Fatalf("%v\n%s", err, draft)
	}
	if kind == "" {
		kind = set.Get("draft").Kinds()[0]
	}
	report, err := check.Run(t.Context(), check.Request{
		Kind: kind, Source: "draft", Sources: set, Policy: policy, LandedAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Details: 10,
		Open: func(context.Context) (io.ReadCloser, int64, error) {
			return io.NopCloser(bytes.NewReader(content)), int64(len(content)), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return report, draft
}

// TestDraftsLoad drafts a source for exports of shops, and holds the sums of what it loads
// against those worked out by hand. No amount_mismatch may be left.
func TestDraftsLoad(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"shopify.json":          "2 orders 3 lines gross 47.70 refunds 0.00 tax 3.75 shipping 4.95; completed 1 36.90; refunded 1 10.80",
		"shopify.csv":           "2 orders 3 lines gross 44.95 refunds 3.00 tax 2.00 shipping 4.95; completed 1 36.95; partially_refunded 1 8.00",
		"woocommerce.json":      "2 orders 2 lines gross 36.60 refunds 0.00 tax 1.61 shipping 5.00; completed 1 26.61; pending 1 9.99",
		"magento.json":          "2 orders 2 lines gross 34.50 refunds 0.00 tax 2.50 shipping 5.00; cancelled 1 7.00; completed 1 27.50",
		"stripe-charges.json":   "2 orders 2 lines gross 30.99 refunds 5.00 tax 0.00 shipping 0.00; completed 1 20.99; failed 1 10.00",
		"stripe-invoices.json":  "2 orders 2 lines gross 28.00 refunds 0.00 tax 3.00 shipping 0.00; completed 1 23.00; pending 1 5.00",
		"bigcommerce.json":      "2 orders 2 lines gross 29.50 refunds 3.00 tax 1.50 shipping 5.00; completed 1 26.50; refunded 1 3.00",
		"square.json":           "2 orders 2 lines gross 9.54 refunds 0.00 tax 0.54 shipping 0.00; completed 1 6.54; pending 1 3.00",
		"etsy.json":             "1 orders 1 lines gross 28.50 refunds 0.00 tax 2.50 shipping 6.00; completed 1 28.50",
		"amazon.txt":            "2 orders 3 lines gross 46.12 refunds 0.00 tax 3.12 shipping 5.00; cancelled 1 12.26; completed 1 33.86",
		"ebay.json":             "1 orders 1 lines gross 34.50 refunds 0.00 tax 0.00 shipping 4.50; completed 1 34.50",
		"squarespace.json":      "1 orders 1 lines gross 26.50 refunds 0.00 tax 1.50 shipping 5.00; completed 1 26.50",
		"prestashop.json":       "1 orders 1 lines gross 34.50 refunds 0.00 tax 0.00 shipping 5.00; completed 1 34.50",
		"shopware.json":         "1 orders 1 lines gross 26.50 refunds 0.00 tax 0.00 shipping 5.00; completed 1 26.50",
		"ecwid.json":            "1 orders 1 lines gross 26.50 refunds 0.00 tax 1.50 shipping 5.00; completed 1 26.50",
		"ebay.csv":              "2 orders 2 lines gross 1226.50 refunds 0.00 tax 1.50 shipping 5.00; completed 2 1226.50",
		"wix.csv":               "1 orders 1 lines gross 26.50 refunds 0.00 tax 1.50 shipping 5.00; completed 1 26.50",
		"stripe-payments.csv":   "2 orders 2 lines gross 35.00 refunds 10.00 tax 0.00 shipping 0.00; completed 1 25.00; refunded 1 10.00",
		"woocommerce-lines.csv": "1 orders 2 lines gross 31.50 refunds 0.00 tax 1.50 shipping 5.00; completed 1 31.50",
		"etsy-items.csv":        "2 orders 2 lines gross 40.50 refunds 0.00 tax 2.50 shipping 6.00; completed 2 40.50",
		"sap.csv":               "2 orders 2 lines gross 2512.00 refunds 0.00 tax 0.00 shipping 0.00; completed 1 2500.00; pending 1 12.00",
		"amazon-unshipped.txt":  "1 orders 2 lines gross 39.56 refunds 0.00 tax 2.56 shipping 5.00; completed 1 39.56",
		"french.csv":            "2 orders 3 lines gross 1248.70 refunds 0.00 tax 207.30 shipping 4.90; completed 1 36.10; pending 1 1212.60",
		"spanish.csv":           "2 orders 3 lines gross 1248.70 refunds 0.00 tax 207.30 shipping 4.90; completed 1 36.10; pending 1 1212.60",
		"italian.csv":           "2 orders 3 lines gross 1248.70 refunds 0.00 tax 207.30 shipping 4.90; completed 1 36.10; pending 1 1212.60",
		"dutch.csv":             "2 orders 3 lines gross 1248.70 refunds 0.00 tax 207.30 shipping 4.90; completed 1 36.10; pending 1 1212.60",
		"portuguese.csv":        "2 orders 3 lines gross 1248.70 refunds 0.00 tax 207.30 shipping 4.90; completed 1 36.10; pending 1 1212.60",
		"polish.csv":            "2 orders 3 lines gross 1248.70 refunds 0.00 tax 207.30 shipping 4.90; completed 1 36.10; pending 1 1212.60",
		"erp.csv":               "2 orders 3 lines gross 2518.00 refunds 0.00 tax 401.25 shipping 5.00; completed 1 2506.00; pending 1 12.00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			report, draft := load(t, "", content)
			got := "no orders"
			if c := report.Totals; c != nil {
				got = fmt.Sprintf("%d orders %d lines gross %s refunds %s tax %s shipping %s", c.Orders, c.Lines, c.Gross, c.Refunds, c.Tax, c.Shipping)
				for _, s := range c.ByStatus {
					got += fmt.Sprintf("; %s %d %s", s.Status, s.Orders, s.Gross)
				}
			}
			if got != want || !report.Clean() || len(report.Notes) > 0 {
				t.Errorf("got  %s\nwant %s\n%+v\n%s", got, want, report, draft)
			}
			for _, personal := range []string{"@example", "Elm", "Reno", "buyer1", "Köln"} {
				if strings.Contains(draft, personal) {
					t.Errorf("the draft has %q of a person", personal)
				}
			}
		})
	}
}

// TestDraftOfNativeOrders drafts a source for native orders however they are laid out: what is inside of
// them is not taken for products.
func TestDraftOfNativeOrders(t *testing.T) {
	t.Parallel()
	const first = `{"order_id":"A-1","customer_id":"C-1","order_timestamp":"2026-11-01T10:00:00Z","items":[{"product_id":"P-1","quantity":2,"unit_price":12.50}],"total_amount":25.00,"payment_status":"completed","shipping_address":{"city":"Berlin","country":"DE"}}`
	second := strings.Replace(first, "A-1", "A-2", 1)
	indented := strings.NewReplacer("{", "{\n ", ",", ",\n ", "}", "\n}").Replace(first)
	for name, tt := range map[string]struct {
		content string
		orders  int
	}{
		"a line": {first + "\n", 1}, "lines": {first + "\n" + second + "\n", 2}, "an array": {"[" + first + "," + second + "]", 2},
		"a document": {indented, 1}, "a wrapper": {`{"orders":[` + first + `]}`, 1}, "documents": {indented + "\n" + second, 2},
	} {
		report, draft := load(t, "", []byte(tt.content))
		if c := report.Totals; c == nil || int(c.Orders) != tt.orders || c.Gross != fmt.Sprintf("%d.00", 25*tt.orders) || !report.Clean() {
			t.Errorf("%s: %+v\n%s", name, report, draft)
		}
	}
}

// TestCatalogsInOtherLanguages drafts sources for catalogs whose columns have the names of another
// language: each column must be found.
func TestCatalogsInOtherLanguages(t *testing.T) {
	t.Parallel()
	const product, customer = "\nP-1;Tasse;Küche;12,50;4;1\nP-2;Krug;Küche;1.050,00;0;0\n", "\nC-1;Ann Lee;ann@example.com;2025-02-28;gold\nC-2;Bob;;2025-03-01;silver\n"
	for header, kind := range map[string]string{
		"Référence produit;Nom du produit;Catégorie;Prix de vente;Quantité en stock;Actif":        "products",
		"Código de producto;Nombre del producto;Categoría;Precio de venta;Existencias;Activo":     "products",
		"Codice articolo;Nome del prodotto;Categoria;Prezzo di vendita;Giacenza;Attivo":           "products",
		"Artikelnummer;Productnaam;Categorie;Verkoopprijs;Voorraad;Actief":                        "products",
		"Código do produto;Nome do produto;Categoria;Preço de venda;Estoque;Ativo":                "products",
		"Kod produktu;Nazwa produktu;Kategoria;Cena brutto;Stan magazynowy;Aktywny":               "products",
		"Numéro de client;Nom du client;Adresse e-mail;Date d'inscription;Groupe du client":       "customers",
		"ID de cliente;Nombre del cliente;Correo electrónico;Fecha de registro;Grupo de clientes": "customers",
		"Codice cliente;Nome del cliente;Indirizzo e-mail;Data di registrazione;Gruppo clienti":   "customers",
		"Klantnummer;Naam;E-mailadres;Registratiedatum;Klantgroep":                                "customers",
		"Código do cliente;Nome do cliente;Endereço de e-mail;Data de cadastro;Grupo do cliente":  "customers",
		"Numer klienta;Imię i nazwisko;Adres e-mail;Data rejestracji;Grupa klienta":               "customers",
	} {
		rows, want := product, "2 records of products, 0 refused"
		if kind == "customers" {
			rows, want = customer, "2 records of customers, 0 refused"
		}
		report, draft := load(t, "", []byte(header+rows))
		if got := fmt.Sprintf("%d records of %s, %d refused", report.Accepted, report.Kind, report.Refused); got != want || len(report.Notes) > 0 {
			t.Errorf("%s: %s, %+v\n%s", header, got, report, draft)
		}
		for column := range strings.SplitSeq(header, ";") {
			if !strings.Contains(draft, column) {
				t.Errorf("the draft lacks %s:\n%s", column, draft)
			}
		}
	}
}

// TestKind tells the kind of files whose names say nothing.
func TestKind(t *testing.T) {
	t.Parallel()
	const order = `{"order_id":"O-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44Z","items":[{"product_id":"P-1","quantity":1,"unit_price":10.00}],"total_amount":10.00,"payment_status":"completed","shipping_address":null}`
	for content, want := range map[string]string{
		order: "orders", order + "\n" + order: "orders", "[" + order + "]": "orders", order + "," + order: "orders", `{"orders":[` + order + "]}": "orders",
		"": "orders", "garbage": "orders", "\x00\x01\x02": "orders", "<html>": "orders",
		"order_id,order_date,status,sku,quantity,price,order_total\nA,2026-11-01,paid,P-1,1,2,2\n":          "orders",
		"product_id,product_name,category,price,stock_level\nP-1,Mug,Home,1,1\n":                            "products",
		"product_id,product_name,price\nP-1,Mug,1\n":                                                        "products",
		"product_id;product_name;category;price;stock_level\nP-1;Mug;Home;1,50;1\n":                         "products",
		"customer_id,name,email,registration_date,customer_tier\nC-1,Ann,ann@example.com,2025-01-01,gold\n": "customers",
		"customer_id,name,email\nC-1,Ann,ann@example.com\n":                                                 "customers",
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := suggest.Kind(path); got != want {
			t.Errorf("%q: %s, want %s", content, got, want)
		}
	}
	if got := suggest.Kind(filepath.Join(t.TempDir(), "none")); got != "orders" {
		t.Errorf("a file that is not there: %s", got)
	}
}
