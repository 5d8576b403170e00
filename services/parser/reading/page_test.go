package reading

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
)

// formatPage is the page that says what a file may hold.
func formatPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// outcomeOfText reads a file and gives its reason, counts, refusals and notes.
func outcomeOfText(t *testing.T, kind, content string) string {
	t.Helper()
	var out readingtest.Memory
	m, err := parse(t, kinds[kind], kind+"/file", strings.NewReader(content), &out)
	if err != nil {
		t.Fatal(err)
	}
	return outcomeOf(m, &out)
}

// samples are the blocks of a language on the page.
func samples(page, language string) (found []string) {
	for _, match := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(page, -1) {
		found = append(found, match[1])
	}
	return found
}

// oneLine writes a sample as a line of a file.
func oneLine(sample string) string {
	return regexp.MustCompile(`\s*\n\s*`).ReplaceAllString(sample, "")
}

// TestPageSamples: what the page shows is loaded, and nothing found.
func TestPageSamples(t *testing.T) {
	t.Parallel()
	page := formatPage(t)
	orders, tables := samples(page, "json"), samples(page, "csv")
	if len(orders) < 2 || len(tables) < 2 {
		t.Fatalf("the page shows %d orders and %d tables", len(orders), len(tables))
	}
	for _, sample := range orders {
		if got := outcomeOfText(t, "orders", oneLine(sample)); got != "- 1 1 - -" {
			t.Errorf("%s for\n%s", got, sample)
		}
	}
	for _, sample := range tables {
		kind := "customers"
		if strings.Contains(sample, "product_id") {
			kind = "products"
		}
		rows := strings.Count(sample, "\n") - 1
		if got, want := outcomeOfText(t, kind, sample), fmt.Sprintf("- %d %d - -", rows, rows); got != want {
			t.Errorf("%s, want %s, for\n%s", got, want, sample)
		}
	}
}

// pageRow is a row of a table of the page.
type pageRow struct{ name, second, third string }

// rowsUnder gives the rows of the table whose first column has a title, a row for each name in it.
func rowsUnder(t *testing.T, page, title string) (rows []pageRow) {
	t.Helper()
	_, table, found := strings.Cut(page, "\n| "+title+" |")
	table, _, _ = strings.Cut(table, "\n\n")
	if !found {
		t.Fatalf("the page has no table of %s", title)
	}
	for _, line := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[0], -1) {
			rows = append(rows, pageRow{name[1], strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])})
		}
	}
	return rows
}

// TestPageOrderFields compares each row of the page's table with what the decoder does: whether the field is
// required, whether it may be null, its type and its limits.
func TestPageOrderFields(t *testing.T) {
	t.Parallel()
	page := formatPage(t)
	full := oneLine(samples(page, "json")[1]) // it has all fields
	onPage := map[string]bool{}
	for _, row := range rowsUnder(t, page, "field") {
		onPage[row.name] = true
		field := strings.TrimPrefix(row.name, "items[].")
		value := valueOf(t, full, row.name, field)
		with := func(instead string) string { return strings.Replace(full, value.whole, value.name+instead, 1) }
		required := strings.HasPrefix(row.third, "required")
		refuses := func(what, content, rule string) {
			t.Helper()
			if got := outcomeOfText(t, "orders", content); (rule == "") != strings.Contains(got, " 1 1 - ") || !strings.Contains(got, rule) {
				t.Errorf("%s %s: %s; the page says %q, %q", row.name, what, got, row.second, row.third)
			}
		}
		when := func(yes bool, rule string) string {
			if yes {
				return rule
			}
			return ""
		}
		refuses("as it is", full, "")
		refuses("left out", strings.NewReplacer(value.whole+", ", "", value.whole+",", "", ", "+value.whole, "", ","+value.whole, "").Replace(full), when(required, "missing_field"))
		refuses("null", with("null"), when(required && !strings.Contains(row.second, "null"), "missing_field"))
		for kind, other := range map[string]string{"text": `"7"`, "number": "7", "true or false": "true", "array": `["7"]`, "object": `{"a":"7"}`} {
			if !strings.Contains(row.second, kind) {
				refuses("of another type, "+other, with(other), "wrong_type")
			}
		}
		if limit := regexp.MustCompile(`at most (\d+) bytes|to (\d+) bytes`).FindStringSubmatch(row.third); limit != nil {
			var bytes int
			fmt.Sscan(limit[1]+limit[2], &bytes)
			refuses("as long as may be", with(`"`+strings.Repeat("x", bytes)+`"`), "")
			refuses("longer", with(`"`+strings.Repeat("x", bytes+1)+`"`), "invalid_text")
		}
		if limits := regexp.MustCompile(`whole, from 1 to ([\d,]+\d)`).FindStringSubmatch(row.third); limits != nil {
			most := strings.ReplaceAll(limits[1], ",", "")
			refuses("most", with(most), "")
			refuses("beyond", with(most+"1"), "invalid_quantity")
			refuses("below", with("0"), "invalid_quantity")
			refuses("in parts", with("1.5"), "invalid_quantity")
		}
		if row.second == "number" && field != "quantity" {
			refuses("negative", with("-1"), "invalid_amount")
			refuses("of 19 digits", with("1000000000000000000"), "invalid_amount")
		}
		if strings.Contains(row.third, ", at most `") {
			refuses("beyond its whole", with("1000.00"), "invalid_amount")
		}
	}
	for message, prefix := range map[protoreflect.ProtoMessage]string{&ordersv1.Order{}: "", &ordersv1.OrderItem{}: "items[]."} {
		fields := message.ProtoReflect().Descriptor().Fields()
		for i := range fields.Len() {
			switch name := prefix + string(fields.Get(i).Name()); name {
			case "source", "payment_status_text", "utc_offset_seconds": // made by the parser
			default:
				if !onPage[name] {
					t.Errorf("the page lacks the field %s", name)
				}
			}
		}
	}
}

// part is a field of a sample: its name with the colon, and both with the value.
type part struct{ name, whole string }

// valueOf finds a field in a sample; one of a line in the last one but one that has it.
func valueOf(t *testing.T, sample, path, field string) part {
	t.Helper()
	from := 0
	if path != field {
		from = strings.Index(sample, `"items"`)
	}
	if field == "discount_amount" && path == field {
		from = strings.LastIndex(sample, `"discount_amount"`)
	}
	match := regexp.MustCompile(`("` + field + `":\s*)(\[.*?\]|"[^"]*"|[^,}\s]+)`).FindStringSubmatch(sample[from:])
	if match == nil {
		t.Fatalf("the sample lacks %s", path)
	}
	return part{match[1], match[0]}
}

// TestPageStatuses: each word that the page lists is known, in any case.
func TestPageStatuses(t *testing.T) {
	t.Parallel()
	page := formatPage(t)
	sample := oneLine(samples(page, "json")[0])
	for _, row := range rowsUnder(t, page, "field") {
		if row.name != "payment_status" {
			continue
		}
		list, _, _ := strings.Cut(row.third, "in any case")
		for _, word := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(list, -1) {
			for _, text := range []string{word[1], strings.ToUpper(word[1])} {
				if got := outcomeOfText(t, "orders", strings.Replace(sample, `"completed"`, `"`+text+`"`, 1)); got != "- 1 1 - -" {
					t.Errorf("%s: %s", text, got)
				}
			}
		}
	}
}

// TestPageColumns compares the tables of products and customers with what the decoders do, on the page's
// own samples.
func TestPageColumns(t *testing.T) {
	t.Parallel()
	page := formatPage(t)
	for i, kind := range []string{"products", "customers"} {
		lines := strings.Split(samples(page, "csv")[i], "\n")
		header, cells := strings.Split(lines[0], ","), strings.Split(lines[1], ",")
		rows := rowsUnder(t, page, kind)
		if len(rows) != len(header) {
			t.Fatalf("%s: %d columns on the page, %d in its sample", kind, len(rows), len(header))
		}
		for _, row := range rows {
			at := strings.Index(","+lines[0]+",", ","+row.name+",")
			place := strings.Count(lines[0][:max(at, 0)], ",")
			if at < 0 {
				t.Errorf("the sample of %s lacks %s", kind, row.name)
				continue
			}
			with := func(text string) string {
				changed := append([]string{}, cells...)
				changed[place] = text
				return lines[0] + "\n" + strings.Join(changed, ",") + "\n"
			}
			refuses := func(what, text, rule string) {
				t.Helper()
				if got := outcomeOfText(t, kind, with(text)); (rule == "") != strings.Contains(got, " 1 1 - ") || !strings.Contains(got, rule) {
					t.Errorf("%s %s: %s; the page says %q, %q", row.name, what, got, row.second, row.third)
				}
			}
			empty := ""
			if row.second == "yes" {
				empty = "missing_field"
			}
			refuses("empty", "", empty)
			fewer, without := slices.Delete(slices.Clone(header), place, place+1), slices.Delete(slices.Clone(cells), place, place+1)
			want := "header_mismatch 0 0"
			if strings.Contains(row.third, "the column may be missing") {
				want = "- 1 1 - -"
			}
			if got := outcomeOfText(t, kind, strings.Join(fewer, ",")+"\n"+strings.Join(without, ",")+"\n"); !strings.HasPrefix(got, want) {
				t.Errorf("%s without the column %s: %s; the page says %q, %q", kind, row.name, got, row.second, row.third)
			}
			if limit := regexp.MustCompile(`(?:to|at most) (\d+) (bytes|KiB)`).FindStringSubmatch(row.third); limit != nil {
				var most int
				fmt.Sscan(limit[1], &most)
				if limit[2] == "KiB" {
					most <<= 10
				}
				refuses("as long as may be", strings.Repeat("x", most), "")
				refuses("longer", strings.Repeat("x", most+1), "invalid_text")
			}
			switch {
			case strings.Contains(row.third, "Amounts"):
				refuses("negative", "-1", "invalid_amount")
				refuses("of 19 digits", "1000000000000000000", "invalid_amount")
			case strings.HasPrefix(row.third, "whole"):
				refuses("most", "1000000000", "")
				refuses("least", "-1000000000", "")
				refuses("beyond", "1000000001", "invalid_quantity")
				refuses("in parts", "1.5", "invalid_quantity")
			case strings.HasPrefix(row.third, "`true`"):
				for _, word := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row.third, -1) {
					refuses("said by "+word[1], word[1], "")
					refuses("said loudly by "+word[1], strings.ToUpper(word[1]), "")
				}
				refuses("another word", "archived", "wrong_type")
				refuses("another number", "2", "wrong_type")
			case strings.HasPrefix(row.third, "a day"):
				for _, day := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row.third, -1) {
					refuses("written "+day[1], day[1], "")
				}
				refuses("day first", "01/11/2026", "invalid_timestamp")
			}
		}
	}
}

// TestPageTimes: each time that the page writes out is read, and the ones that it says are refused are.
func TestPageTimes(t *testing.T) {
	t.Parallel()
	page := formatPage(t)
	sample := oneLine(samples(page, "json")[0])
	_, times, _ := strings.Cut(page, "\n## Times\n")
	times, _, _ = strings.Cut(times, "\n## ")
	n := 0
	for _, match := range regexp.MustCompile("`(2026[^`]+|11/02/2026)`").FindAllStringSubmatch(times, -1) {
		want := "- 1 1 - -"
		if match[1] == "11/02/2026" {
			want = "invalid_timestamp"
		}
		n++
		got := outcomeOfText(t, "orders", strings.Replace(sample, "2026-11-01T11:21:44.126748+01:00", match[1], 1))
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s", match[1], got)
		}
	}
	if n < 8 {
		t.Errorf("only %d times are written out", n)
	}
}
