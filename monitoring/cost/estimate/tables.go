package estimate

import (
	"maps"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/measure"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// Columns of tables that the sample does not fill are taken by their type.
var byType = map[string]int64{"STRING": 28, "INT64": 8, "TIMESTAMP": 8, "DATE": 8, "NUMERIC": 16, "BOOL": 1, "FLOAT64": 8}

// tables fills the schema with a deployment's rows.
func (d Deployment) tables() (tables, error) {
	schema, err := schema.Tables()
	if err != nil {
		return nil, err
	}
	s := d.Sizes
	weighed := map[string]measure.Columns{
		"staging_orders": s.Order.Staging, "staging_products": s.Product.Staging, "staging_customers": s.Customer.Staging,
		"fact_orders": s.Fact, "order_keys": s.Key, "dim_products": s.DimProduct, "dim_customers": s.DimCustomer,
	}
	perDay := map[string]int64{
		"staging_orders": d.Orders, "staging_products": d.Products, "staging_customers": d.Customers,
		"fact_orders": d.lines(), "order_keys": d.Orders,
		"data_quality_checks": d.findings(), "rejected_records": d.refused(),
		"agg_hourly_metrics": 24, "agg_category_revenue": categories,
		"agg_daily_orders": min(d.Orders, places), "agg_daily_products": min(d.lines(), d.Products*statuses),
		"agg_daily_customers": min(d.Orders, d.Customers), "agg_daily_files": d.Files,
		"report_churn_risk": d.Customers / 10, "report_inventory_alerts": d.Products / 10, "report_revenue_trends": 10_000, "report_forecast": 28 * 51, "report_data_quality": 200,
		"report_cohorts": cohortCells, "report_customer_days": returnDays, "report_order_times": 90 * lifeTimes, "report_profile": profiledColumns,
	}
	rows := map[string]int64{
		"dim_products": d.Products, "dim_customers": d.Customers, "file_ledger": d.Files * d.HistoryDays,
		"unresolved_refs": d.findings(), "audit_days": d.HistoryDays, "ref_regions": 51, "ref_places": 3500, "pipeline_fence": 1, "report_fence": 1,
		"order_id_ranges": d.HistoryDays, "dashboard_annotations": 500, "dashboard_goals": 50,
	}
	t := make(tables)
	for _, table := range schema {
		if table.ViewQuery != "" {
			continue
		}
		columns := weighed[table.Name]
		if columns == nil {
			columns = typical(table.Columns, s.Fact, s.Order.File)
		}
		t[table.Name] = newTable(columns, table.PartitionColumn, perDay[table.Name], rows[table.Name])
	}
	return t, nil
}

const (
	categories      = 20            // of products; the sample has five
	cohortCells     = 36 * 37 / 2   // of three years
	returnDays      = 365 * 365 / 2 // of a year, each day with each before it
	profiledColumns = 42
	lifeTimes       = 2 * 900           // of two steps, as finely as they are told apart
	statuses        = 6                 // of payments
	places          = 5 * statuses * 60 // tiers, payment statuses, and states and countries that orders come from
)

func newTable(columns measure.Columns, partition string, perDay, rows int64) table {
	return table{columns, partition, perDay, rows}
}

// typical are the columns of a table that the sample does not fill: as wide as those of their names in the
// facts, or as their type.
func typical(columns []schema.Column, facts measure.Columns, record int64) measure.Columns {
	c := make(measure.Columns, len(columns))
	for _, column := range columns {
		size, known := byType[column.Type]
		fact, inFacts := facts[column.Name]
		switch {
		case inFacts:
			size = fact
		case column.Type == "BYTES":
			size = record
		case column.Name == "issue_description" || column.Name == "message" || column.Name == "landing_name":
			size = 80
		case !known:
			size = 0 // JSON and repeated columns, which are nearly always empty
		}
		c[column.Name] = size
	}
	return c
}

// batch are the temp tables of one transaction with so many rows; a temp table that is
// missing here has few, so that the minimum covers it.
func (d Deployment) batch(t tables, orders, products, customers int64) tables {
	all := make(measure.Columns)
	for _, columns := range []measure.Columns{d.Sizes.Order.Staging, d.Sizes.Product.Staging, d.Sizes.Customer.Staging, d.Sizes.Fact} {
		maps.Copy(all, columns)
	}
	b := maps.Clone(t)
	for name, rows := range map[string]int64{
		"batch_orders": orders, "order_claims": orders, "loaded_lines": orders * d.lines() / max(1, d.Orders),
		"batch_products": products, "newest_products": products, "batch_customers": customers, "newest_customers": customers,
		"customer_rhythms": d.Customers, "customer_visits": returnDays,
	} {
		b[name] = newTable(all, "", 0, rows)
	}
	for _, name := range d.temporary {
		if _, known := b[name]; !known {
			b[name] = newTable(all, "", 0, 0)
		}
	}
	return b
}
