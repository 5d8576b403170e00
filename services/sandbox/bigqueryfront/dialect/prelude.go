package dialect

// Prelude are the macros that translations call. DuckDB expands a macro where
// it stands, so an argument that occurs twice is still computed once.
var Prelude = []string{
	`CREATE SCHEMA IF NOT EXISTS ` + MetaSchema,
	macro(`bq_floordiv(a, b)`, `((a - (((a % b) + b) % b)) // b)`),
	macro(`bq_date(x)`, `(DATE '1970-01-01' + CAST(bq_floordiv(epoch_us(x), 86400000000) AS INTEGER))`),
	macro(`bq_hour(x)`, `(bq_floordiv(epoch_us(x), 3600000000) - bq_floordiv(epoch_us(x), 86400000000) * 24)`),
	macro(`bq_truncate(x, size, origin)`,
		`make_timestamptz(epoch_us(x) - ((((epoch_us(x) - origin) % size) + size) % size))`),
	// What is not of the type that a function takes is refused when the statement is
	// bound: typeof is a constant then, and only one branch remains.
	macro(`bq_only_date(x)`, `(CASE WHEN typeof(x) IN ('DATE', '"NULL"') THEN CAST(x AS DATE)
		ELSE error('Unsupported here: DATE_ADD and DATE_SUB of what is not a DATE') END)`),
	macro(`bq_only_timestamp(x)`, `(CASE WHEN typeof(x) IN ('TIMESTAMP WITH TIME ZONE', '"NULL"') THEN CAST(x AS TIMESTAMPTZ)
		ELSE error('Unsupported here: TIMESTAMP_TRUNC and TIMESTAMP_DIFF of what is not a TIMESTAMP') END)`),
	macro(`bq_to_date(x)`, `(CASE WHEN typeof(x) = 'VARCHAR' THEN bq_day(CAST(x AS VARCHAR)) ELSE CAST(x AS DATE) END)`),
	macro(`bq_step(n)`, `(CASE WHEN n = 0 THEN error('Sequence step cannot be 0.') ELSE n END)`),
	macro(`bq_json_value(j, p)`, `(CASE WHEN json_type(j, p) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(j, p) END)`),
	macro(`bq_json_array(j, p)`, `(CASE WHEN json_type(j, p) = 'ARRAY' THEN CAST(json_extract(j, p) AS JSON[]) END)`),
	// DuckDB writes these types, at whatever depth, in another form.
	macro(`bq_to_json(x)`, `(CASE WHEN regexp_matches(typeof(x), '(^|[ (])(TIMESTAMP|TIME|BLOB)')
		THEN error('Unsupported here: TIMESTAMP, DATETIME, TIME or BYTES as JSON') ELSE to_json(x) END)`),
	macro(`bq_string(x)`, `(CASE
		WHEN starts_with(typeof(x), 'DECIMAL') THEN regexp_replace(regexp_replace(CAST(x AS VARCHAR), '(\.[0-9]*?)0+$', '\1'), '\.$', '')
		WHEN typeof(x) = 'DOUBLE' THEN bq_float_text(CAST(x AS VARCHAR))
		WHEN typeof(x) = 'BLOB' THEN error('Unsupported here: CAST of BYTES to STRING')
		WHEN starts_with(typeof(x), 'TIME') THEN regexp_replace(regexp_replace(CAST(x AS VARCHAR),
			'(\.[0-9]{1}|\.[0-9]{4})(\+|$)', '\1' || '00\2'), '(\.[0-9]{2}|\.[0-9]{5})(\+|$)', '\1' || '0\2')
		ELSE CAST(x AS VARCHAR) END)`),
	macro(`bq_shown(x)`, `(CASE WHEN typeof(x) = 'DOUBLE' THEN error('Unsupported here: FORMAT specifier %t of FLOAT64') ELSE bq_string(x) END)`),
}

func macro(signature, body string) string {
	return "CREATE OR REPLACE MACRO " + signature + " AS " + body
}
