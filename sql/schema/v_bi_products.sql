-- Grain: one row per product of the catalog. For tools of business intelligence; joins the order lines by product_id.
CREATE VIEW v_bi_products (
  product_id OPTIONS (description = 'The product'),
  product_name OPTIONS (description = 'Display name'),
  category OPTIONS (description = 'Category; NULL if the source gives none'),
  list_price OPTIONS (description = 'Price of the catalog'),
  stock_level OPTIONS (description = 'Units in stock when the catalog landed; NULL if the source gives none'),
  is_active OPTIONS (description = 'Whether the catalog still has the product'),
  catalog_landed_at OPTIONS (description = 'When the catalog that says so landed')
)
OPTIONS (description = 'Products for tools of business intelligence, one row each')
AS
SELECT
  p.product_id,
  p.product_name,
  p.category,
  p.price AS list_price,
  p.stock_level,
  p.is_active,
  p.landed_at AS catalog_landed_at
FROM dim_products AS p;
