package reference

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	productColumns  = []string{"product_id", "product_name", "category", "price", "stock_level", "active"}
	customerColumns = []string{"customer_id", "name", "email", "registration_date", "customer_tier", "active"}

	// Columns that a file may not have, by their places.
	productsLack  = []int{2, 4, 5}
	customersLack = []int{3, 4, 5}
)

// readRows reads a CSV file with these columns in any order, and others; those at mayLack may be
// missing. The reason is why it is none.
func (r *reading) readRows(all []byte, columns []string, mayLack []int, accept func(cells []string, extra string) (string, error)) (reason string, err error) {
	all = withLineFeeds(all)
	rows := csv.NewReader(bytes.NewReader(all))
	rows.FieldsPerRecord = -1
	header, err := nextRow(rows)
	if errors.Is(err, io.EOF) {
		return "", nil
	}
	if errors.Is(err, ErrBeyond) {
		return "header_mismatch", nil
	}
	if err != nil {
		return "", err
	}
	first := all[:rows.InputOffset()]
	places := make(map[string]int)
	var unnamed []int
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			unnamed = append(unnamed, i)
			continue
		}
		if _, twice := places[name]; twice {
			return "header_mismatch", nil
		}
		places[name] = i
	}
	for i, name := range columns {
		if _, ok := places[name]; !ok && indexOf(mayLack, i) < 0 {
			return "header_mismatch", nil
		}
	}
	repeated := false
	for {
		before := rows.InputOffset()
		cells, err := nextRow(rows)
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if bytes.EqualFold(bytes.Trim(all[before:rows.InputOffset()], "\r\n"), bytes.Trim(first, "\r\n")) {
			repeated = true
			continue
		}
		if len(bytes.Trim(all[before:rows.InputOffset()], ", \t\r\n")) == 0 {
			continue
		}
		behind := repeated
		repeated = false
		r.begin(rows.InputOffset() - before - 1) // without its line break
		if n := len(header); len(cells) == n+1 && cells[n] == "" {
			cells = cells[:n]
		} else if len(cells) == n-1 && indexOf(unnamed, n-1) >= 0 {
			cells = append(cells, "")
		}
		if rule := checkRow(cells, len(header)); rule != "" {
			r.refuse(rule)
			continue
		}
		known := make([]string, len(columns))
		extra := make([]string, 0, len(cells))
		for name, i := range places {
			if k := indexOf(columns, name); k >= 0 {
				known[k] = cells[i]
			} else if cells[i] != "" {
				extra = append(extra, name+"="+cells[i])
			}
		}
		rule, err := accept(known, sortedText(extra))
		if err != nil {
			return "", fmt.Errorf("record %d: %w", r.outcome.Records-1, err)
		}
		if rule != "" {
			r.refuse(rule)
			continue
		}
		if behind {
			r.warn("repeated_header")
		}
		if len(extra) > 0 {
			r.warn("unknown_field")
		}
		if slices.ContainsFunc(unnamed, func(i int) bool { return cells[i] != "" }) {
			r.warn("unnamed_column")
		}
	}
}

// withLineFeeds ends lines as encoding/csv knows them, if some end otherwise: with a carriage
// return alone, or two of them. Byte order marks at the begin of lines go.
func withLineFeeds(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\n\xef\xbb\xbf"), []byte("\n"))
	if bytes.Count(text, []byte("\r")) == bytes.Count(text, []byte("\r\n")) && !bytes.Contains(text, []byte("\r\r")) {
		return text
	}
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\r' && !quoted:
			text[i] = '\n'
		}
	}
	return text
}

// nextRow skips rows of nothing but blanks.
func nextRow(rows *csv.Reader) ([]string, error) {
	for {
		cells, err := rows.Read()
		if _, broken := errors.AsType[*csv.ParseError](err); broken {
			return nil, fmt.Errorf("%w: %w", ErrBeyond, err)
		}
		if err == nil && len(cells) == 1 && strings.Trim(cells[0], " \t") == "" {
			continue
		}
		return cells, err
	}
}

func checkRow(cells []string, width int) string {
	for _, c := range cells {
		if !utf8.ValidString(c) {
			return "invalid_utf8"
		}
	}
	if len(cells) != width {
		return "invalid_csv"
	}
	return ""
}

// texts checks the lengths of a row's texts and that those required are there.
func texts(cells []string, limits []int, mayLack ...int) string {
	for i, c := range cells {
		if c == "" && indexOf(mayLack, i) < 0 {
			return "missing_field"
		}
		if rule := checkText(c, limits[i]); rule != "" {
			return rule
		}
	}
	return ""
}

// trim takes white space off the cells at these places; true if there was some.
func trim(cells []string, places ...int) (trimmed bool) {
	for _, i := range places {
		text := strings.TrimSpace(cells[i])
		trimmed = trimmed || text != cells[i]
		cells[i] = text
	}
	return trimmed
}

func (r *reading) readProduct(cells []string, extra string) (string, error) {
	trimmed := trim(cells, 0, 3, 4, 5)
	if rule := texts(cells, []int{maxID, maxText, maxText, maxID, maxID, maxID}, 1, 2, 4, 5); rule != "" {
		return rule, nil
	}
	price, exact, rule, err := parseAmount(cells[3])
	if rule != "" || err != nil {
		return rule, err
	}
	var stock Level
	if cells[4] != "" {
		if stock.Units, stock.Is = parseWhole(cells[4]); !stock.Is {
			return "invalid_quantity", nil
		}
	}
	inactive, ok := isRetired(cells[5])
	if !ok {
		return "wrong_type", nil
	}
	if strings.TrimSpace(cells[2]) == "" {
		cells[2] = ""
	}
	if !exact {
		r.warn("amount_rounded")
	}
	if trimmed {
		r.warn("trimmed_text")
	}
	r.products = append(r.products, row[Product]{
		id:      cells[0],
		record:  r.outcome.Records - 1,
		value:   Product{Name: cells[1], Category: cells[2], Price: price, Stock: stock, FileID: r.file.ID, Inactive: inactive},
		retired: inactive,
		version: version{
			contentOf(cells[0], cells[1], cells[2], price.String(), fmt.Sprint(stock), fmt.Sprint(inactive), extra),
			r.file.LandedAt,
			r.file.ID,
		},
	})
	return "", nil
}

func (r *reading) readCustomer(cells []string, extra string) (string, error) {
	trimmed := trim(cells, 0, 3, 5)
	if rule := texts(cells, []int{maxID, maxText, maxText, maxID, maxID, maxID}, 1, 2, 3, 4, 5); rule != "" {
		return rule, nil
	}
	if cells[3] != "" {
		registered, ok := parseDay(cells[3])
		if !ok {
			return "invalid_timestamp", nil
		}
		cells[3] = registered.Format(time.DateOnly)
	}
	inactive, ok := isRetired(cells[5])
	if !ok {
		return "wrong_type", nil
	}
	if trimmed {
		r.warn("trimmed_text")
	}
	tier := strings.ToLower(strings.TrimSpace(cells[4]))
	r.customers = append(r.customers, row[Customer]{
		id:      cells[0],
		record:  r.outcome.Records - 1,
		value:   Customer{Name: cells[1], Email: cells[2], Registered: cells[3], Tier: tier, FileID: r.file.ID, Inactive: inactive},
		retired: inactive,
		version: version{contentOf(cells[0], cells[1], cells[2], cells[3], tier, fmt.Sprint(inactive), extra), r.file.LandedAt, r.file.ID},
	})
	return "", nil
}

// isRetired tells whether a row says that it is not active; ok if it says what can be understood.
func isRetired(text string) (retired, ok bool) {
	switch strings.ToLower(text) {
	case "", "true", "yes", "1":
		return false, true
	case "false", "no", "0":
		return true, true
	}
	return false, false
}
