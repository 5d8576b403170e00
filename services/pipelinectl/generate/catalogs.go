package generate

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// CatalogOptions says what products or customers to write.
type CatalogOptions struct {
	// Seed decides everything that is drawn; another seed changes prices, stock,
	// dates and tiers of the same ids.
	Seed uint64
	// Count is how many rows to write, from the first id on.
	Count int
	// Today bounds registration dates; needed for customers.
	Today time.Time
	// Faults gives the share of rows that break a rule.
	Faults Shares
}

// ProductFaults are the rules that generated products can break.
func ProductFaults() []rules.ID {
	return []rules.ID{rules.InvalidAmount, rules.InvalidCSV, rules.InvalidQuantity, rules.MissingField}
}

// CustomerFaults are the rules that generated customers can break.
func CustomerFaults() []rules.ID {
	return []rules.ID{rules.InvalidCSV, rules.InvalidTimestamp, rules.MissingField}
}

var (
	categories = [...]string{"Electronics", "Clothing", "Home & Garden", "Sports", "Books"}
	tiers      = [...]string{"bronze", "silver", "gold"}
)

// The streams of products and customers differ from those of orders with the same seed.
const (
	productStream  = 1 << 62
	customerStream = 2 << 62
)

// WriteProducts writes a products file and counts the faults put in.
func WriteProducts(w io.Writer, options CatalogOptions) (map[rules.ID]int, error) {
	faults, err := options.Faults.picker(ProductFaults())
	if err != nil {
		return nil, fmt.Errorf("options of products: %w", err)
	}
	return writeRows(w, "product_id,product_name,category,price,stock_level\n", options.Count, func(dst []byte, i int) ([]byte, rules.ID) {
		r := newRandom(options.Seed, productStream+uint64(i))
		fault := faults.pick(r.next())
		// An id keeps its category and name, whatever the seed.
		category := categories[int(mix(uint64(i))%uint64(len(categories)))]
		if fault != rules.MissingField {
			dst = strconv.AppendInt(append(dst, "PROD-"...), int64(firstID+i), 10)
		}
		dst = append(append(append(dst, ','), category...), " Product "...)
		dst = strconv.AppendInt(dst, int64(firstID+i), 10)
		dst = append(append(append(dst, ','), category...), ',')
		if fault == rules.InvalidAmount {
			dst = append(dst, '-')
		}
		dst = appendCents(dst, int64(500+r.below(49_500)))
		dst = append(dst, ',')
		stock := r.below(1000)
		if fault == rules.InvalidQuantity {
			dst = append(dst, "many"...)
		} else {
			dst = strconv.AppendInt(dst, int64(stock), 10)
		}
		return endRow(dst, fault), fault
	})
}

// WriteCustomers writes a customers file and counts the faults put in.
func WriteCustomers(w io.Writer, options CatalogOptions) (map[rules.ID]int, error) {
	faults, err := options.Faults.picker(CustomerFaults())
	if err != nil {
		return nil, fmt.Errorf("options of customers: %w", err)
	}
	return writeRows(w, "customer_id,name,email,registration_date,customer_tier\n", options.Count, func(dst []byte, i int) ([]byte, rules.ID) {
		r := newRandom(options.Seed, customerStream+uint64(i))
		fault := faults.pick(r.next())
		number := int64(firstID + i)
		if fault != rules.MissingField {
			dst = strconv.AppendInt(append(dst, "CUST-"...), number, 10)
		}
		dst = strconv.AppendInt(append(dst, ",Customer "...), number, 10)
		dst = strconv.AppendInt(append(dst, ",customer"...), number, 10)
		dst = append(dst, "@example.com,"...)
		registered := options.Today.UTC().AddDate(0, 0, -1-r.below(365))
		if fault == rules.InvalidTimestamp {
			dst = append(dst, "02/30/2026"...)
		} else {
			dst = registered.AppendFormat(dst, time.DateOnly)
		}
		dst = append(append(dst, ','), tiers[r.below(len(tiers))]...)
		return endRow(dst, fault), fault
	})
}

// endRow ends a row, with a column too many if it is to be no row.
func endRow(dst []byte, fault rules.ID) []byte {
	if fault == rules.InvalidCSV {
		dst = append(dst, ",surplus"...)
	}
	return append(dst, '\n')
}

func writeRows(w io.Writer, header string, n int, row func(dst []byte, i int) ([]byte, rules.ID)) (map[rules.ID]int, error) {
	counts := make(map[rules.ID]int)
	buffer := []byte(header)
	for i := range n {
		var fault rules.ID
		if buffer, fault = row(buffer, i); fault != "" {
			counts[fault]++
		}
		if len(buffer) >= chunk {
			if _, err := w.Write(buffer); err != nil {
				return counts, fmt.Errorf("write rows: %w", err)
			}
			buffer = buffer[:0]
		}
	}
	if _, err := w.Write(buffer); err != nil {
		return counts, fmt.Errorf("write rows: %w", err)
	}
	return counts, nil
}
