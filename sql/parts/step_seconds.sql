-- How long a step of an order's life took, in seconds: by the minute below two hours, by the hour below 30 days, else by the day.
-- Of rows t with took, in seconds.
CASE
  WHEN t.took < 7200 THEN t.took - MOD(t.took, 60)
  WHEN t.took < 2592000 THEN t.took - MOD(t.took, 3600)
  ELSE t.took - MOD(t.took, 86400)
END
