package verify

import (
	"context"
	"fmt"
	"maps"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

func (c *Clients) compareFacts(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("facts_equal_model")
	left := make(map[reference.LineKey]reference.Fact, len(want.Facts))
	for key, f := range want.Facts {
		left[key] = f.Row()
	}
	err := c.eachPart(ctx, "check/facts", len(left), func(row []bigquery.Value) error {
		var key reference.LineKey
		var f reference.Fact
		var product text
		var currency string
		var date civil.Date
		if err := scan(row, &key.OrderID, &key.Line, maybe(&f.CustomerID), &f.Tier, &f.Time, &date, &f.ClockHour, maybe(&f.ProductID),
			&product, &f.Category, &f.CategoryLine, &f.Quantity, &f.UnitPrice, &f.LineTotal, &f.Total, &f.Status,
			maybe(&f.Street), maybe(&f.City), maybe(&f.State), maybe(&f.Zipcode), maybe(&f.Country), &f.Area, &f.FileID, &f.Record,
			&f.UpdatedAt, maybe(&currency), maybe(&f.StatusText), &f.LineDiscount, &f.Tax, maybe(&f.TaxIncluded),
			&f.Shipping, &f.Discount, &f.Refunded); err != nil {
			return err
		}
		if currency != "" && currency != reference.Currency {
			found.add("%v: the currency is %s", key, currency)
		}
		f.Day = midnight(date)
		f.ProductName, f.ProductKnown = product.value, product.known
		compare(found, left, key, f)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read fact_orders: %w", err)
	}
	missing(found, left)
	return nil
}

func (c *Clients) compareVersions(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("order_history_equals_model")
	left := maps.Clone(want.Versions)
	err := c.eachPart(ctx, "check/order_history", len(left), func(row []bigquery.Value) error {
		var key reference.VersionKey
		var v reference.Version
		var date civil.Date
		if err := scan(row, &key.FileID, &key.Record, &v.OrderID, &v.Outcome, &v.IsUpdate, &v.Lines, &v.Updated, &date,
			&v.Time, maybe(&v.CustomerID), &v.Total, &v.Refunded, &v.Status); err != nil {
			return err
		}
		v.Day = midnight(date)
		compare(found, left, key, v)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read order_history: %w", err)
	}
	missing(found, left)
	return nil
}

func (c *Clients) compareHours(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("hourly_metrics_equal_model")
	left := maps.Clone(want.Hours)
	err := c.eachRow(ctx, "check/hours", func(row []bigquery.Value) error {
		var at time.Time
		var date civil.Date
		var h reference.Hour
		if err := scan(row, &at, &date, &h.Orders, &h.Customers, &h.Revenue, &h.Average,
			&h.Completed, &h.Pending, &h.Failed, &h.Other, &h.CompletedRevenue,
			&h.Refunded, &h.PartlyRefunded, &h.Cancelled, &h.FailedRevenue, &h.CancelledRevenue,
			&h.RefundedRevenue, &h.NetRevenue, &h.HeadlineRevenue, &h.PaidRevenue); err != nil {
			return err
		}
		compare(found, left, at, h)
		if day := want.HourDays[at]; !day.Equal(midnight(date)) {
			found.add("%v: stands under %v, but is of %v", at, date, day)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read agg_hourly_metrics: %w", err)
	}
	missing(found, left)
	return nil
}

func (c *Clients) compareCategories(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("category_revenue_equals_model")
	left := maps.Clone(want.Categories)
	err := c.eachRow(ctx, "check/categories", func(row []bigquery.Value) error {
		var date civil.Date
		var key reference.CategoryKey
		var sum reference.CategoryDay
		if err := scan(row, &date, &key.Category, &sum.Orders, &sum.Units, &sum.Revenue, &sum.CompletedRevenue, &sum.HeadlineRevenue, &sum.PaidRevenue); err != nil {
			return err
		}
		key.Day = midnight(date)
		compare(found, left, key, sum)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read agg_category_revenue: %w", err)
	}
	missing(found, left)
	return nil
}

func (c *Clients) compareProducts(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("products_equal_model")
	left := maps.Clone(want.Products)
	err := c.eachPart(ctx, "check/products", len(left), func(row []bigquery.Value) error {
		var id string
		var p reference.Product
		if err := scan(row, &id, &p.Name, maybe(&p.Category), &p.Price, &p.Stock, &p.FileID, &p.Inactive); err != nil {
			return err
		}
		compare(found, left, id, p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read dim_products: %w", err)
	}
	missing(found, left)
	return nil
}

func (c *Clients) compareCustomers(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("customers_equal_model")
	left := maps.Clone(want.Customers)
	err := c.eachPart(ctx, "check/customers", len(left), func(row []bigquery.Value) error {
		var id string
		var registered civil.Date
		var customer reference.Customer
		if err := scan(row, &id, &customer.Name, &customer.Email, &registered, maybe(&customer.Tier), &customer.FileID, &customer.Inactive); err != nil {
			return err
		}
		customer.Registered = dayText(registered)
		compare(found, left, id, customer)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read dim_customers: %w", err)
	}
	missing(found, left)
	return nil
}
