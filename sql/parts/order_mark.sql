-- By what duplicates are looked for: see order_keys. 4095 are twelve bits.
FARM_FINGERPRINT(k.order_id) & -4096 | UNIX_DATE(k.order_date) & 4095
