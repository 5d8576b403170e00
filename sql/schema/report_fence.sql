-- Grain: one row, id = 1. Every transaction that writes a report raises its epoch first, because
-- BigQuery cancels conflicting UPDATEs but lets two transactions that only insert both commit.
CREATE TABLE report_fence (
  id INT64 NOT NULL OPTIONS (description = 'Always 1'),
  epoch INT64 NOT NULL OPTIONS (description = 'Number of the last transaction')
)
OPTIONS (description = 'Serialises the transactions that write reports');
