package reference

import (
	"fmt"
	"time"
)

// aggregate computes the aggregates from the facts.
func (m *model) aggregate() error {
	w := &m.warehouse
	w.Hours, w.HourDays = make(map[time.Time]Hour), make(map[time.Time]time.Time)
	w.Categories = make(map[CategoryKey]CategoryDay)
	customers := make(map[time.Time]map[string]bool)
	ordersOf := make(map[CategoryKey]map[string]bool)
	m.numberCategoryLines()
	for key, f := range w.Facts {
		if key.Line == 1 { // an order counts once, however many lines it has
			at := hour(f.Time)
			hour, err := w.Hours[at].add(f)
			if err != nil {
				return fmt.Errorf("hour %s: %w", at.Format(time.RFC3339), err)
			}
			w.Hours[at], w.HourDays[at] = hour, day(f.Time)
			if f.CustomerID != "" {
				note(customers, at, f.CustomerID)
			}
		}
		c := CategoryKey{day(f.Time), f.Category}
		sum, err := w.Categories[c].add(f)
		if err != nil {
			return fmt.Errorf("category %s: %w", c.Category, err)
		}
		w.Categories[c] = sum
		note(ordersOf, c, key.OrderID)
	}
	for at, hour := range w.Hours {
		hour.Customers = int64(len(customers[at]))
		hour.Average = hour.Revenue.over(hour.Orders)
		w.Hours[at] = hour
	}
	for c, sum := range w.Categories {
		sum.Orders = int64(len(ordersOf[c]))
		w.Categories[c] = sum
	}
	return nil
}

// numberCategoryLines counts each order's lines by category, in their sequence.
func (m *model) numberCategoryLines() {
	facts := m.warehouse.Facts
	for key := range facts {
		if key.Line != 1 {
			continue
		}
		counts := make(map[string]int64)
		for f, ok := facts[key]; ok; f, ok = facts[key] {
			counts[f.Category]++
			f.CategoryLine = counts[f.Category]
			facts[key] = f
			key.Line++
		}
	}
}

func note[K comparable](sets map[K]map[string]bool, key K, member string) {
	if sets[key] == nil {
		sets[key] = make(map[string]bool)
	}
	sets[key][member] = true
}

func (h Hour) add(f Fact) (_ Hour, err error) {
	h.Orders++
	if h.Revenue, err = h.Revenue.plus(f.Total); err != nil {
		return h, err
	}
	switch f.Status {
	case "completed":
		h.Completed++
		h.CompletedRevenue += f.Total // none of these is more than the revenue
	case "pending":
		h.Pending++
	case "failed":
		h.Failed++
		h.FailedRevenue += f.Total
	case "refunded":
		h.Refunded++
	case "partially_refunded":
		h.PartlyRefunded++
	case "cancelled":
		h.Cancelled++
		h.CancelledRevenue += f.Total
	default:
		h.Other++
	}
	h.RefundedRevenue += f.Refunded.Amount
	h.NetRevenue += f.Net()
	if f.Sold() {
		h.HeadlineRevenue += f.Net()
	}
	h.PaidRevenue += f.Revenue()
	return h, nil
}

func (c CategoryDay) add(f Fact) (_ CategoryDay, err error) {
	c.Units += f.Quantity
	if c.Revenue, err = c.Revenue.plus(f.LineTotal); err != nil {
		return c, err
	}
	if f.Status == "completed" {
		c.CompletedRevenue += f.LineTotal
	}
	if f.Sold() {
		c.HeadlineRevenue += f.LineTotal
	}
	c.PaidRevenue += f.LineRevenue()
	return c, nil
}
