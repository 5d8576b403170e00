-- Grain: one row per date and report that was made; a report that found nothing has a row too.
-- Written by the reporter's daily run, in the transaction that writes the report's rows.
CREATE TABLE report_runs (
  report_date DATE NOT NULL OPTIONS (description = "The day of the shop's clock that the report closes with"),
  report STRING NOT NULL OPTIONS (description = 'churn-risk, cohorts, inventory-alerts, revenue-trends, forecast, profile or data-quality'),
  row_count INT64 NOT NULL OPTIONS (description = 'Rows of the report'),
  data_through TIMESTAMP NOT NULL OPTIONS (description = 'End of the day; earlier if the report was made while the day was running'),
  parameters STRING NOT NULL OPTIONS (description = 'Variables that the report was made with, and the parameters of its model')
)
PARTITION BY report_date
OPTIONS (description = 'Which daily reports exist');
