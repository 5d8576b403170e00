package model

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	productColumns  = []string{"product_id", "product_name", "category", "price", "stock_level"}
	customerColumns = []string{"customer_id", "name", "email", "registration_date", "customer_tier"}
)

// readRows reads a CSV file with these columns in any order, and others; the
// reason is why it is none.
func (r *reading) readRows(text *bufio.Reader, columns []string, accept func(cells []string, extra string) (string, error)) (reason string, err error) {
	rows := csv.NewReader(text)
	rows.FieldsPerRecord = -1
	header, err := nextRow(rows)
	if errors.Is(err, io.EOF) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	places := make(map[string]int)
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := places[name]; twice || name == "" {
			return "header_mismatch", nil
		}
		places[name] = i
	}
	for _, name := range columns {
		if _, ok := places[name]; !ok {
			return "header_mismatch", nil
		}
	}
	for {
		cells, err := nextRow(rows)
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		r.outcome.Records++
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
		} else if len(extra) > 0 {
			r.warn("unknown_field")
		}
	}
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

func (r *reading) readProduct(cells []string, extra string) (string, error) {
	if rule := texts(cells, []int{maxID, maxText, maxText, maxID, maxID}, 1); rule != "" {
		return rule, nil
	}
	price, exact, rule, err := parseAmount(cells[3])
	if rule != "" || err != nil {
		return rule, err
	}
	stock, ok := parseWhole(cells[4])
	if !ok {
		return "invalid_quantity", nil
	}
	if !exact {
		r.warn("amount_rounded")
	}
	r.products = append(r.products, row[Product]{
		id:    cells[0],
		value: Product{Name: cells[1], Category: cells[2], Price: price, Stock: stock, FileID: r.file.ID},
		version: version{
			contentOf(cells[0], cells[1], cells[2], price.String(), strconv.FormatInt(stock, 10), extra),
			r.file.LandedAt,
			r.file.ID,
		},
	})
	return "", nil
}

func (r *reading) readCustomer(cells []string, extra string) (string, error) {
	if rule := texts(cells, []int{maxID, maxText, maxText, maxID, maxID}, 1, 2); rule != "" {
		return rule, nil
	}
	if _, err := time.Parse(time.DateOnly, cells[3]); err != nil {
		return "invalid_timestamp", nil
	}
	tier := strings.ToLower(strings.TrimSpace(cells[4]))
	r.customers = append(r.customers, row[Customer]{
		id:      cells[0],
		value:   Customer{Name: cells[1], Email: cells[2], Registered: cells[3], Tier: tier, FileID: r.file.ID},
		version: version{contentOf(cells[0], cells[1], cells[2], cells[3], tier, extra), r.file.LandedAt, r.file.ID},
	})
	return "", nil
}
