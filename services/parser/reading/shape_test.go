package reading_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
)

const (
	orders    = pipelinev1.FileKind_FILE_KIND_ORDERS
	products  = pipelinev1.FileKind_FILE_KIND_PRODUCTS
	customers = pipelinev1.FileKind_FILE_KIND_CUSTOMERS

	order = `{"order_id":"O-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44Z","items":[{"product_id":"P-1","quantity":1,"unit_price":10.00}],"total_amount":10.00,"payment_status":"completed","shipping_address":null}`
)

// TestShapes lands files that are none of orders or catalogs as a whole, and compares what
// is said of them: the rule, and words that must be there, "|" between them.
func TestShapes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind pipelinev1.FileKind
		text string
		rule rules.ID
		says string
	}{
		"pretty order":              {orders, "{\n  \"order_id\": \"O-1\",\n  \"customer_id\": \"C-1\"\n}\n", rules.UnknownShape, "one JSON document over many lines|jq -c . FILE|source suggest"},
		"pretty order, CRLF":        {orders, "{\r\n\t\"order_id\": \"O-1\",\r\n\t\"customer_id\": null\r\n}", rules.UnknownShape, "one JSON document over many lines"},
		"pretty, two after another": {orders, "{\n\"order_id\":\"1\"\n}\n{\n\"order_id\":\"2\"\n}\n", rules.UnknownShape, "over many lines"},
		"pretty, longer than head":  {orders, "{\n\"order_id\":\"1\",\n\"note\":\"" + strings.Repeat("x", 100_000) + "\"}", rules.UnknownShape, "over many lines"},
		"wrapper":                   {orders, `{"orders":[` + order + `,` + order + `]}`, rules.UnknownShape, "/orders|jq -c '.orders[]' FILE"},
		"wrapper, pretty":           {orders, "{\n \"count\": 1,\n \"data\": {\"orders\": [\n" + order + "]}}", rules.UnknownShape, "over many lines|/data/orders|'.data.orders[]'"},
		"wrapper, odd name":         {orders, `{"my orders":[` + order + `]}`, rules.UnknownShape, "/my orders|.[\"my orders\"][]"},
		"wrapper of one":            {orders, `{"event":"created","payload":` + order + `}`, rules.UnknownShape, "/payload|'.payload'"},
		"wrapper, German":           {orders, `{"bestellungen":[{"bestellnummer":"1","kundennummer":"2","gesamtbetrag":"3","positionen":[]}]}`, rules.UnknownShape, "/bestellungen"},
		"wrapper, longer than head": {orders, `{"orders":[` + strings.Repeat(order+",", 1000) + order + `]}`, rules.UnknownShape, "/orders"},
		"list of wrappers":          {orders, `[{"orders":[` + order + `]},{"orders":[]}]`, rules.UnknownShape, "/orders|'.[].orders[]'"},
		"commas, a line each":       {orders, order + ",\n" + order + ",\n" + order + "\n", rules.UnknownShape, "commas between them|put a [ before the first and a ] behind the last"},
		"commas on one line":        {orders, order + "," + order, rules.UnknownShape, "commas between them"},
		"commas, one behind last":   {orders, order + ",\n" + order + ",\n", rules.UnknownShape, "commas between them"},
		"commas, pretty":            {orders, "{\n\"order_id\": \"A\"\n},\n{\n\"order_id\": \"B\"\n}", rules.UnknownShape, "commas between them"},
		"commas, longer than head":  {orders, order + ",{\"order_id\":\"" + strings.Repeat("x", 80_000) + "\"},", rules.UnknownShape, "commas between them"},
		"one comma is a fault":      {orders, order + ",\n" + order + "\n" + order + "\n", "", ""},
		"a comma behind the last":   {orders, order + ",\n", "", ""},
		"GraphQL":                   {orders, `{"data":{"orders":{"pageInfo":{"hasNextPage":true},"edges":[{"cursor":"x","node":` + order + `}]}}}`, rules.UnknownShape, "/data/orders/edges|.data.orders.edges[].node|GraphQL"},
		"GeoJSON":                   {orders, `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":` + order + `}]}`, rules.UnknownShape, "/features|properties|GeoJSON"},
		"by column":                 {orders, `{"order_id":{"0":"A","1":"B"},"total_amount":{"0":1,"1":2}}`, rules.UnknownShape, "by column|orient='records'"},
		"rows without names":        {orders, `[["order_id","total"],["A",1]]`, rules.UnknownShape, "rows without names"},
		"error answer":              {orders, `{"errors":"[API] Invalid API key or access token"}`, rules.UnknownShape, "server that refused"},
		"Python":                    {orders, `{'order_id': 'A', 'total_amount': 1}`, rules.UnknownShape, "Python"},
		"JavaScript":                {orders, `{order_id: "A", total_amount: 1}`, rules.UnknownShape, "names without quotes"},
		"comments":                  {orders, "// orders\n" + `[1]`, "", ""},
		"JSONP":                     {orders, `callback({"orders":[]});`, rules.UnknownShape, "JSONP"},
		"guard":                     {orders, ")]}',\n" + order, rules.UnknownShape, "guard"},
		"events":                    {orders, "data: " + order + "\n\ndata: " + order + "\n", rules.UnknownShape, "server-sent events"},
		"orders as CSV":             {orders, "order_id,customer_id,total_amount\nO-1,C-1,10.00\n", rules.UnknownShape, "the file is CSV, separated by commas|order_id, customer_id, total_amount|order-lines-csv|source suggest"},
		"orders as CSV with ;":      {orders, "Bestellnr;Kunde;Summe\n1;2;3,50\n", rules.UnknownShape, "separated by ;|Bestellnr, Kunde, Summe"},
		"orders as CSV with |":      {orders, "a|b|c\n1|2|3\n", rules.UnknownShape, "separated by |"},
		"orders as CSV with tabs":   {orders, "amazon-order-id\tsku\n1\t2\n", rules.UnknownShape, "separated by tabs"},
		"JSON in CSV":               {orders, "id,payload\n1,\"{\"\"order_id\"\":\"\"A\"\"}\"\n", rules.UnknownShape, "a column holds the JSON"},
		"SQL":                       {orders, "INSERT INTO orders VALUES (1,'a');\n", rules.UnknownShape, "SQL dump"},
		"mysqldump":                 {orders, "-- MySQL dump 10.13\n--\nCREATE TABLE x (a int);\n", rules.UnknownShape, "SQL dump"},
		"YAML":                      {orders, "---\norders:\n  - order_id: A\n", rules.UnknownShape, "YAML"},
		"YAML list":                 {orders, "- order_id: A\n  total: 1\n", rules.UnknownShape, "YAML"},
		"log":                       {orders, "2026-11-01T10:00:00Z INFO order placed\n2026-11-01T10:00:01Z INFO done\n", rules.UnknownShape, "log"},
		"access log":                {orders, `127.0.0.1 - - [01/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1` + "\n", rules.UnknownShape, "log"},
		"EDIFACT":                   {orders, "UNB+UNOC:3+S+R+261101:1000+1'\nUNH+1+ORDERS:D:96A:UN'\n", rules.UnknownShape, "EDIFACT"},
		"form":                      {orders, "order_id=A&total=1\n", rules.UnknownShape, "form data"},
		"text sequence":             {orders, "\x1e" + order + "\n\x1e" + order + "\n", rules.UnknownShape, "RFC 7464|tr -d"},
		"JSON in texts":             {orders, strings.Repeat(`"{\"order_id\":\"A\",\"email\":\"ann@example.com\"}"`+"\n", 2), rules.UnknownShape, "JSON inside of texts|jq -c fromjson FILE"},
		"pointer of Git LFS":        {orders, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", rules.UnknownShape, "Git LFS|git lfs pull"},
		"PGP":                       {orders, "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n", rules.UnknownShape, "PGP|gpg -d"},
		"base64":                    {orders, "eyJvcmRlcl9pZCI6IkItMSIsImN1c3RvbWVyX2lkIjoiQy0xIn0K\n", rules.UnknownShape, "base64 -d"},
		"a long word":               {orders, strings.Repeat("garbage0", 8) + "\n", "", ""},
		"TOML":                      {orders, "[[orders]]\nid = 1\n", rules.UnknownShape, "TOML"},
		"INI":                       {orders, "[orders]\nfile=a\n", rules.UnknownShape, "INI"},
		"Python, a list":            {orders, "[{'order_id': 'A', 'total_amount': None}]", rules.UnknownShape, "Python"},
		"JavaScript, a list":        {orders, "[\n  {order_id: \"A\"}\n]", rules.UnknownShape, "names without quotes"},
		"an element broken":         {orders, "[" + order + ",{'a':1}]", "", ""},
		"DynamoDB":                  {orders, `{"Item":{"order_id":{"S":"A"},"total_amount":{"N":"10"},"items":{"L":[]}}}`, rules.UnknownShape, "DynamoDB|unmarshall"},
		"by name":                   {orders, `{"A":` + order + `,"B":` + order + `}`, rules.UnknownShape, "members of the document|jq -c '.[]' FILE"},
		"by name, below":            {orders, `{"orders":{"A":` + order + `,"B":` + order + `}}`, rules.UnknownShape, "members of /orders|jq -c '.orders[]' FILE"},
		"by name, without ids":      {orders, `{"A":{"customer_id":"C","items":[],"total_amount":1,"payment_status":"paid"},"B":{"customer_id":"C","items":[],"total_amount":1,"payment_status":"paid"}}`, rules.UnknownShape, "to_entries[] | .value + {order_id: .key}"},
		"products for orders":       {orders, "product_id,product_name,category,price,stock_level\nP-1,Mug,Home,1,1\n", rules.UnknownShape, "columns of products|landing/products/"},
		"customers for orders":      {orders, "customer_id,name,email\nC-1,Ann,ann@example.com\n", rules.UnknownShape, "columns of customers|landing/customers/"},
		"a sentence":                {orders, "Hello, please find attached the orders.\n", "", ""},
		"CSV without a header":      {orders, "O-1,ann@example.com,10.00\nO-2,bob@example.com,11.00\n", rules.UnknownShape, "separated by commas, without a header"},
		"good line":                 {orders, order + "\n", "", ""},
		"good array, pretty":        {orders, "[\n  " + order + "\n]\n", "", ""},
		"good, nothing between":     {orders, order + order, "", ""},
		"good, mark in the middle":  {orders, order + "\n\xef\xbb\xbf" + order + "\n", "", ""},
		"good, blank":               {orders, "\n\n" + order, "", ""},
		"first line broken":         {orders, "{\"order_id\":\"A\n" + order + "\n" + order + "\n" + order, "", ""},
		"first line garbage":        {orders, "garbage\n" + order + "\n" + order + "\n", "", ""},

		"UTF-16 LE":            {orders, wide(order, binary.LittleEndian, true), rules.UnreadableFile, "UTF-16|iconv"},
		"UTF-16 BE":            {products, wide("product_id,price\n", binary.BigEndian, true), rules.UnreadableFile, "UTF-16|iconv"},
		"UTF-16 LE, no mark":   {orders, wide(order, binary.LittleEndian, false), rules.UnreadableFile, "UTF-16 (little-endian"},
		"UTF-16 BE, no mark":   {customers, wide("customer_id,name\nÄ,1", binary.BigEndian, false), rules.UnreadableFile, "UTF-16 (big-endian"},
		"UTF-32 LE":            {orders, "\xff\xfe\x00\x00{\x00\x00\x00", rules.UnreadableFile, "UTF-32"},
		"UTF-32 BE, no mark":   {orders, "\x00\x00\x00{\x00\x00\x00}\x00\x00\x00 \x00\x00\x00 ", rules.UnreadableFile, "UTF-32 (big-endian"},
		"zip":                  {orders, zipOf(t, "orders.json", order, "b/c.csv", "x"), rules.UnreadableFile, "zip archive of orders.json, b/c.csv|unzip"},
		"xlsx":                 {products, zipOf(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<x/>"), rules.UnreadableFile, "xlsx|CSV UTF-8"},
		"docx":                 {products, zipOf(t, "[Content_Types].xml", "<Types/>", "word/document.xml", "<x/>"), rules.UnreadableFile, "Office document"},
		"ods":                  {products, zipOf(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet"), rules.UnreadableFile, "spreadsheet (ods)"},
		"numbers":              {products, zipOf(t, "Index/Document.iwa", "x"), rules.UnreadableFile, "Numbers"},
		"gzip in gzip":         {orders, gz(gz(order)), rules.UnreadableFile, "gzip inside gzip"},
		"gzip in gzip in gzip": {orders, gz(gz(gz(order))), rules.UnreadableFile, "gzip inside gzip"},
		"zip in gzip":          {orders, gz(zipOf(t, "a.json", "{}")), rules.UnreadableFile, "zip archive of a.json"},
		"tar":                  {orders, tarOf(t), rules.UnreadableFile, "tar archive"},
		"tar.gz":               {orders, gz(tarOf(t)), rules.UnreadableFile, "tar archive"},
		"bzip2":                {orders, "BZh91AY&SY\x00\x01\x02\x03", rules.UnreadableFile, "bzip2|bunzip2"},
		"xz":                   {orders, "\xfd7zXZ\x00\x00\x04", rules.UnreadableFile, "xz"},
		"zstd":                 {orders, "\x28\xb5\x2f\xfd\x24\x00", rules.UnreadableFile, "zstd|unzstd"},
		"lz4":                  {orders, "\x04\x22\x4d\x18\x64", rules.UnreadableFile, "lz4"},
		"7z":                   {orders, "7z\xbc\xaf\x27\x1c\x00\x04", rules.UnreadableFile, "7z"},
		"rar":                  {orders, "Rar!\x1a\x07\x01\x00", rules.UnreadableFile, "RAR"},
		"xls":                  {products, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", rules.UnreadableFile, "xls|CSV"},
		"parquet":              {orders, "PAR1\x15\x04\x15\x10", rules.UnreadableFile, "Parquet|duckdb"},
		"avro":                 {orders, "Obj\x01\x04\x14avro.codec", rules.UnreadableFile, "Avro"},
		"orc":                  {orders, "ORC\x08\x03\x10\x00\x01", rules.UnreadableFile, "ORC"},
		"arrow":                {orders, "ARROW1\x00\x00\xff\xff", rules.UnreadableFile, "Arrow"},
		"sqlite":               {orders, "SQLite format 3\x00\x10\x00", rules.UnreadableFile, "SQLite"},
		"protobuf":             {orders, strings.Repeat("\x0a\x04\x0a\x02\x08\x01\x10\x05", 20), rules.UnreadableFile, "protobuf"},
		"random":               {orders, string(bytes.Repeat([]byte{0xff, 1, 2, 3, 200, 201}, 100)), rules.UnreadableFile, "binary"},
		"pdf":                  {orders, "%PDF-1.7\n%\xe2\xe3", rules.UnreadableFile, "PDF"},
		"rtf":                  {orders, `{\rtf1\ansi x}`, rules.UnreadableFile, "RTF"},
		"png":                  {orders, "\x89PNG\r\n\x1a\n", rules.UnreadableFile, "image (PNG)"},
		"html":                 {products, "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title>", rules.UnreadableFile, "web page|502 Bad Gateway"},
		"xml":                  {orders, "<?xml version=\"1.0\"?>\n<orders><order/></orders>", rules.UnreadableFile, "XML|<orders>"},
		"rss":                  {products, "<?xml version=\"1.0\"?><rss version=\"2.0\"></rss>", rules.UnreadableFile, "RSS"},
		"ubl":                  {orders, `<?xml version="1.0"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>`, rules.UnreadableFile, "UBL"},
		"storage error":        {orders, "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", rules.UnreadableFile, "refused"},

		"products as JSON":       {products, `[{"product_id":"P"}]`, rules.HeaderMismatch, "the file is JSON|products come as CSV"},
		"customers as JSON":      {customers, `{"customer_id":"C"}`, rules.HeaderMismatch, "the file is JSON|customers come as CSV"},
		"semicolons":             {products, "product_id;product_name;category;price;stock_level\nP-1;Mug;Home;12,50;4\n", rules.HeaderMismatch, "separated by ;|decimal commas|source suggest"},
		"tabs":                   {products, "product_id\tproduct_name\tcategory\tprice\tstock_level\n", rules.HeaderMismatch, "separated by tabs"},
		"bars":                   {customers, "customer_id|name|email|registration_date|customer_tier\n", rules.HeaderMismatch, "separated by |"},
		"sep":                    {products, "sep=;\nproduct_id;product_name;category;price;stock_level\n", rules.HeaderMismatch, "sep=;|Excel|separated by ;"},
		"sep, comma":             {products, "sep=,\r\nproduct_id,product_name,category,price,stock_level\r\n", rules.HeaderMismatch, "sep=,|Excel"},
		"no header":              {products, "P-1,Mug,Home,12.50,40\n", rules.HeaderMismatch, "header is missing|product_id,product_name,category,price,stock_level"},
		"German header":          {products, "Artikelnummer,Bezeichnung,Warengruppe,Preis,Lagerbestand\n", rules.HeaderMismatch, "Artikelnummer for product_id|Bezeichnung for product_name|Preis for price"},
		"other names":            {customers, "Customer ID,Full Name,E-Mail,Created at,Segment\n", rules.HeaderMismatch, "Customer ID for customer_id|Created at for registration_date"},
		"header in Latin-1":      {products, "product_id,product_name,cat\xe9gorie,price,stock_level\n", rules.HeaderMismatch, "windows-1252"},
		"orders for products":    {products, order + "\n", rules.HeaderMismatch, "holds orders|landing/orders/"},
		"orders in a list":       {customers, "[" + order + "]", rules.HeaderMismatch, "holds orders|landing/orders/"},
		"rows of orders":         {products, "order_id,customer_id,product_id,price\nO-1,C-1,P-1,1\n", rules.HeaderMismatch, "columns of orders|landing/orders/order-lines-csv/"},
		"customers for products": {products, "customer_id,name,email,registration_date,customer_tier\nC-1,Ann,,,\n", rules.HeaderMismatch, "columns of customers, not products|landing/customers/"},
		"products for customers": {customers, "product_id,product_name,price\nP-1,Mug,1\n", rules.HeaderMismatch, "columns of products, not customers|landing/products/"},
		"a title above":          {products, "Products of today\n\nproduct_id,product_name,category,price,stock_level\nP-1,Mug,Home,1,1\n", rules.HeaderMismatch, "the header is row 3|take out what stands before it"},
		"rows in quotes":         {products, "\"product_id,product_name,category,price,stock_level\"\n\"P-1,Mug,Home,1,1\"\n", rules.HeaderMismatch, "each row as a whole stands in quotes"},
		"products as SQL":        {products, "INSERT INTO products VALUES (1, 'a');\n", rules.HeaderMismatch, "SQL dump"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reading.NewBy(readingtest.File(test.kind, "orders/x"), policy(), nil, time.Unix(0, 0))
			m, err := r.Read(context.Background(), func(context.Context) (io.ReadCloser, int64, error) {
				return io.NopCloser(strings.NewReader(test.text)), int64(len(test.text)), nil
			}, &readingtest.Memory{})
			if err != nil {
				t.Fatal(err)
			}
			if test.rule == "" {
				if m.GetReason() == string(rules.UnknownShape) || m.GetReason() == string(rules.UnreadableFile) {
					t.Errorf("refused as a whole: %s: %s", m.GetReason(), m.GetReasonDetail())
				}
				return
			}
			if m.GetReason() != string(test.rule) || m.GetRecords() != 0 {
				t.Errorf("reason %s, %d records; want %s, none (%s)", m.GetReason(), m.GetRecords(), test.rule, m.GetReasonDetail())
			}
			for word := range strings.SplitSeq(strings.ReplaceAll(test.says, "by |", "by \x00"), "|") {
				if word = strings.ReplaceAll(word, "\x00", "|"); !strings.Contains(m.GetReasonDetail(), word) {
					t.Errorf("%q is not said: %s", word, m.GetReasonDetail())
				}
			}
		})
	}
}

// policy is a deployment's usual one.
func policy() reading.Policy {
	return reading.Policy{Currency: "USD", RejectFileShare: 0.5, MaxRecords: 1000, MaxOrderLines: 100, MaxOrderAgeDays: 3653, MaxDecompressedBytes: 1 << 30, MaxCompressionRatio: 300}
}

func gz(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text)) // a buffer takes all
	_ = w.Close()
	return out.String()
}

func zipOf(t *testing.T, pairs ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		method := zip.Deflate
		if pairs[i] == "mimetype" {
			method = zip.Store
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: pairs[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func tarOf(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := w.WriteHeader(&tar.Header{Name: "orders.json", Size: int64(len(order)), Mode: 0o644, Format: tar.FormatUSTAR}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(order)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func wide(text string, by binary.AppendByteOrder, mark bool) string {
	var out []byte
	if mark {
		out = by.AppendUint16(out, 0xfeff)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = by.AppendUint16(out, unit)
	}
	return string(out)
}
