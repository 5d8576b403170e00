-- What the order lines f of a day, product and payment status come to.
MAX(f.product_name) AS product_name,
MAX(f.category) AS category,
COUNT(*) AS order_lines,
SUM(f.quantity) AS units,
SUM(f.line_total) AS total_revenue
