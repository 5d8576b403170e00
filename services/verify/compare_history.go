package verify

import (
	"context"
	"fmt"
	"maps"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

func (c *Clients) compareProductHistory(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("product_history_equals_model")
	left := maps.Clone(want.ProductHistory)
	err := c.eachPart(ctx, "check/product_history", len(left), func(row []bigquery.Value) error {
		var key reference.ShownKey
		var shown reference.Shown[reference.Product]
		p := &shown.Row
		if err := scan(row, &key.ID, &key.From, &shown.To, &p.Name, maybe(&p.Category), &p.Price, &p.Stock, &p.FileID, &p.Inactive); err != nil {
			return err
		}
		compare(found, left, key, shown)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read dim_products_history: %w", err)
	}
	missing(found, left)
	return nil
}

func (c *Clients) compareCustomerHistory(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("customer_history_equals_model")
	left := maps.Clone(want.CustomerHistory)
	err := c.eachPart(ctx, "check/customer_history", len(left), func(row []bigquery.Value) error {
		var key reference.ShownKey
		var registered civil.Date
		var shown reference.Shown[reference.Customer]
		customer := &shown.Row
		if err := scan(row, &key.ID, &key.From, &shown.To, &customer.Name, &customer.Email, &registered, maybe(&customer.Tier),
			&customer.FileID, &customer.Inactive); err != nil {
			return err
		}
		customer.Registered = dayText(registered)
		compare(found, left, key, shown)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read dim_customers_history: %w", err)
	}
	missing(found, left)
	return nil
}
