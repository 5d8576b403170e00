package reference

import "time"

// Fact is a row of fact_orders. A text that may be NULL is empty then.
type Fact struct {
	CustomerID, Tier                            string
	Time, UpdatedAt                             time.Time // as the shop's clock showed them; the zero time: not stated
	ProductID                                   string
	ProductName                                 string
	ProductKnown                                bool // otherwise product_name is NULL
	Category                                    string
	CategoryLine                                int64 // from 1, among the order's lines of the category
	Quantity                                    int64
	UnitPrice, LineTotal, Total                 Amount
	LineDiscount                                Stated
	Tax, Shipping, Discount, Refunded           Stated
	TaxIncluded                                 string // true, false, or not stated
	Status, StatusText                          string // ours, and the source's own word
	Street, City, State, Zipcode, Country, Area string // Area is the column region
	FileID                                      string
	Record                                      int64

	// What the shop's clock showed; set by Row.
	Day       time.Time
	ClockHour int64

	customerKnown bool
}

// IsCustomerKnown tells that the catalog named the customer, or that there is none.
func (f Fact) IsCustomerKnown() bool { return f.customerKnown }

// Row is the fact without what only the model knows of it, to compare it with a stored row.
func (f Fact) Row() Fact {
	f.customerKnown = false
	f.Day, f.ClockHour = day(f.Time), int64(f.Time.Hour())
	f.Time, f.UpdatedAt = f.Time.UTC(), f.UpdatedAt.UTC()
	return f
}

// Sold tells whether the goods were asked for: neither did the payment fail nor was the order called off.
func (f Fact) Sold() bool { return f.Status != "failed" && f.Status != "cancelled" }

// Net is what the order brought in the end.
func (f Fact) Net() Amount { return f.Total - f.Refunded.Amount }

// Revenue is what the order counts in the revenue of dashboard and reports: its total if
// it was paid, less what was paid back; all of it if the order was paid back as a whole
// and the source does not say how much.
func (f Fact) Revenue() Amount {
	switch f.Status {
	case "completed", "partially_refunded":
		return f.Net()
	case "refunded":
		if f.Refunded.Is {
			return f.Net()
		}
	}
	return 0
}

// LineRevenue is what the line counts in the revenue of its category and product: its total
// if the order was paid and not paid back as a whole.
func (f Fact) LineRevenue() Amount {
	if f.Status == "completed" || f.Status == "partially_refunded" {
		return f.LineTotal
	}
	return 0
}

// Orphan tells whether the line waits for a catalog to name its product.
func (f Fact) Orphan() bool { return f.ProductID != "" && !f.ProductKnown }
