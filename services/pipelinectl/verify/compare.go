package verify

import (
	"context"
	"fmt"
	"maps"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/model"
)

func (c *Clients) compareFacts(ctx context.Context, want *model.Warehouse, found *findings) error {
	found.begin("facts_equal_model")
	left := make(map[model.LineKey]model.Fact, len(want.Facts))
	for key, f := range want.Facts {
		left[key] = f.Row()
	}
	const query = `SELECT f.order_id, f.line_number, f.customer_id, f.customer_tier, f.order_timestamp, f.product_id,
		f.product_name, f.category, f.category_line_number, f.quantity, f.unit_price, f.line_total, f.total_amount, f.payment_status,
		f.street, f.city, f.state, f.zipcode, f.country, f.region, f.file_id, f.record_index FROM fact_orders AS f`
	err := c.eachRow(ctx, query, func(row []bigquery.Value) error {
		var key model.LineKey
		var f model.Fact
		var product text
		if err := scan(row, &key.OrderID, &key.Line, &f.CustomerID, &f.Tier, &f.Time, &f.ProductID,
			&product, &f.Category, &f.CategoryLine, &f.Quantity, &f.UnitPrice, &f.LineTotal, &f.Total, &f.Status,
			&f.Street, &f.City, &f.State, &f.Zipcode, &f.Country, &f.Area, &f.FileID, &f.Record); err != nil {
			return err
		}
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

func (c *Clients) compareHours(ctx context.Context, want *model.Warehouse, found *findings) error {
	found.begin("hourly_metrics_equal_model")
	left := maps.Clone(want.Hours)
	const query = `SELECT a.metric_hour, a.total_orders, a.unique_customers, a.total_revenue, a.avg_order_value,
		a.completed_orders, a.pending_orders, a.failed_orders, a.other_orders, a.completed_revenue FROM agg_hourly_metrics AS a`
	err := c.eachRow(ctx, query, func(row []bigquery.Value) error {
		var at time.Time
		var h model.Hour
		if err := scan(row, &at, &h.Orders, &h.Customers, &h.Revenue, &h.Average,
			&h.Completed, &h.Pending, &h.Failed, &h.Other, &h.CompletedRevenue); err != nil {
			return err
		}
		compare(found, left, at, h)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read agg_hourly_metrics: %w", err)
	}
	missing(found, left)
	return nil
}

func (c *Clients) compareCategories(ctx context.Context, want *model.Warehouse, found *findings) error {
	found.begin("category_revenue_equals_model")
	left := maps.Clone(want.Categories)
	const query = `SELECT a.metric_date, a.category, a.orders, a.units, a.revenue, a.completed_revenue FROM agg_category_revenue AS a`
	err := c.eachRow(ctx, query, func(row []bigquery.Value) error {
		var date civil.Date
		var key model.CategoryKey
		var sum model.CategoryDay
		if err := scan(row, &date, &key.Category, &sum.Orders, &sum.Units, &sum.Revenue, &sum.CompletedRevenue); err != nil {
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

func (c *Clients) compareProducts(ctx context.Context, want *model.Warehouse, found *findings) error {
	found.begin("products_equal_model")
	left := maps.Clone(want.Products)
	const query = `SELECT p.product_id, p.product_name, p.category, p.price, p.stock_level, p.file_id, NOT p.is_active FROM dim_products AS p`
	err := c.eachRow(ctx, query, func(row []bigquery.Value) error {
		var id string
		var p model.Product
		if err := scan(row, &id, &p.Name, &p.Category, &p.Price, &p.Stock, &p.FileID, &p.Inactive); err != nil {
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

func (c *Clients) compareCustomers(ctx context.Context, want *model.Warehouse, found *findings) error {
	found.begin("customers_equal_model")
	left := maps.Clone(want.Customers)
	const query = `SELECT c.customer_id, c.name, c.email, c.registration_date, c.customer_tier, c.file_id, NOT c.is_active FROM dim_customers AS c`
	err := c.eachRow(ctx, query, func(row []bigquery.Value) error {
		var id string
		var registered civil.Date
		var customer model.Customer
		if err := scan(row, &id, &customer.Name, &customer.Email, &registered, &customer.Tier, &customer.FileID, &customer.Inactive); err != nil {
			return err
		}
		customer.Registered = registered.String()
		compare(found, left, id, customer)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read dim_customers: %w", err)
	}
	missing(found, left)
	return nil
}
