package bigqueryfront_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

type row = []bigquery.Value

func day(y int, m time.Month, d int) civil.Date { return civil.Date{Year: y, Month: m, Day: d} }

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func datetime(s string) civil.DateTime {
	t, err := civil.ParseDateTime(s)
	if err != nil {
		return civil.DateTime{}
	}
	return t
}

const n = int64(0)

// dialectCases state what BigQuery's documentation says of each function.
var dialectCases = []struct {
	name string
	sql  string
	want []row
}{
	{"integer division is float", "SELECT 7 / 2, DIV(7, 2), DIV(-7, 2), MOD(-7, 2)", []row{{3.5, int64(3), int64(-3), int64(-1)}}},
	{"whole quotients and remainders", "SELECT DIV(20, -7), DIV(NUMERIC '7', NUMERIC '2'), DIV(NUMERIC '-7.5', 2), DIV(7, NUMERIC '0.5'), MOD(25, -12), MOD(NUMERIC '-7.5', NUMERIC '2'), MOD(7, NUMERIC '2.5'), MOD(CAST(NULL AS INT64), 0), SAFE.MOD(1, 0), SAFE.DIV(1, 0), IF(FALSE, MOD(1, 0), 2), MOD(-9223372036854775808, -1)",
		[]row{{int64(-2), numeric("3"), numeric("-3"), numeric("14"), int64(1), numeric("-1.5"), numeric("2"), nil, nil, nil, int64(2), n}}},
	{"rounding gives FLOAT64 for INT64", "SELECT CEIL(7) / 2, CEIL(7), FLOOR(7), ROUND(7), ROUND(17, -1), TRUNC(7), CEIL(-2.5), FLOOR(-2.5), TRUNC(-2.8), ROUND(123.7, -1), ROUND(1.235, 2), TRUNC(-2.859, 1), SIGN(-25), SIGN(-0.5)",
		[]row{{3.5, 7.0, 7.0, 7.0, 20.0, 7.0, -2.0, -3.0, -2.0, 120.0, 1.24, -2.8, int64(-1), -1.0}}},
	{"rounding keeps NUMERIC", "SELECT CEIL(NUMERIC '-2.5'), FLOOR(NUMERIC '-2.5'), FLOOR(NUMERIC '2'), TRUNC(NUMERIC '-2.8'), ROUND(NUMERIC '-2.5'), ROUND(NUMERIC '-15', -1), ROUND(NUMERIC '1.999999999', 20), ROUND(NUMERIC '7', -40), TRUNC(NUMERIC '-2.859', 2), SIGN(NUMERIC '-0.5'), SIGN(NUMERIC '0') FROM UNNEST([1])",
		[]row{{numeric("-2"), numeric("-3"), numeric("2"), numeric("-2"), numeric("-3"), numeric("-20"), numeric("1.999999999"), numeric("0"), numeric("-2.85"), numeric("-1"), numeric("0")}}},
	{"numeric division rounds half away", "SELECT NUMERIC '2' / 3, NUMERIC '-2' / 3, NUMERIC '0.000000001' / 2, NUMERIC '-0.000000001' / 2",
		[]row{{numeric("0.666666667"), numeric("-0.666666667"), numeric("0.000000001"), numeric("-0.000000001")}}},
	{"numeric product rounds half away", "SELECT NUMERIC '0.00005' * NUMERIC '0.00001', NUMERIC '1.5' * 2, 3 * NUMERIC '99999999999999999999.5'",
		[]row{{numeric("0.000000001"), numeric("3"), numeric("299999999999999999998.5")}}},
	{"numeric with a literal stays numeric", "SELECT x * 1.5, x + 0.25, 2.5 * x, x / 4, x > 0.1 FROM (SELECT NUMERIC '1.1' AS x)",
		[]row{{numeric("1.65"), numeric("1.35"), numeric("2.75"), numeric("0.275"), true}}},
	{"a literal beside a numeric is exact", "SELECT n + 10000000000.0, n + 9007199.254740993, 99999999999999999999999999999.999999999 - n, n * 0.0000000005, n * -0.0000000005, -12345678.123456789 + n, f + 10000000000.0, i * 0.1, SAFE_DIVIDE(n, 40000000000.0), n + 1234567890123456789012345678901.0, n + 1e2, n + -2.5E-9, n + 0.1234567895000000000000000000000000000001, 1e2, -(1.5) FROM (SELECT NUMERIC '1' AS n, 0.5 AS f, 3 AS i)",
		[]row{{numeric("10000000001"), numeric("9007200.254740993"), numeric("99999999999999999999999999998.999999999"), numeric("0.000000001"), numeric("-0.000000001"), numeric("-12345677.123456789"), 10000000000.5, 0.30000000000000004, numeric("0"), 1234567890123456789012345678901.0, numeric("101"), numeric("0.999999997"), numeric("1.12345679"), 100.0, -1.5}}},
	{"integer with a literal is float", "SELECT x * 1.5, x + 0.5, 1.5 + 1 FROM (SELECT 2 AS x)", []row{{3.0, 2.5, 2.5}}},
	{"average is exact", "SELECT AVG(x), SUM(x), AVG(i), SUM(i) FROM UNNEST([STRUCT(NUMERIC '0.1' AS x, 1 AS i), (NUMERIC '0.2', 2), (NUMERIC '0.2', 2)])",
		[]row{{numeric("0.166666667"), numeric("0.5"), 5.0 / 3, int64(5)}}},
	{"aggregates of nothing", "SELECT COUNT(*), SUM(x), AVG(x), MAX(x), COUNTIF(x > 1), ARRAY_AGG(x), STRING_AGG(CAST(x AS STRING)) FROM UNNEST(CAST([] AS ARRAY<INT64>)) AS x",
		[]row{{int64(0), nil, nil, nil, int64(0), row(nil), nil}}},
	{"safe division", "SELECT SAFE_DIVIDE(1, 0), SAFE_DIVIDE(NUMERIC '1', NUMERIC '3'), SAFE_DIVIDE(1, 4), SAFE_DIVIDE(x, 1.5), SAFE_MULTIPLY(9223372036854775807, 2) FROM (SELECT NUMERIC '3' AS x)", []row{{nil, numeric("0.333333333"), 0.25, numeric("2"), nil}}},
	{"comparisons", "SELECT 1 <= 1, 2 >= 3, 'a' < 'b', NUMERIC '1.10' >= NUMERIC '1.1', 1 != 2, 1 <> 1, NULL >= 1, DATE '2026-01-02' > DATE '2026-01-01'",
		[]row{{true, false, true, true, true, false, nil, true}}},
	{"extremes", "SELECT MIN(x), MAX(x), MIN(CAST(x AS STRING)), MIN(x) OVER () FROM UNNEST([8, NULL, 37, 55, 4]) AS x GROUP BY x ORDER BY 1 DESC LIMIT 1",
		[]row{{int64(55), int64(55), "55", int64(4)}}},
	{"errors that are not reached", "SELECT IF(TRUE, 'fine', ERROR('never')), CASE WHEN x > 0 THEN x ELSE ERROR(CONCAT('bad ', CAST(x AS STRING))) END FROM UNNEST([1]) AS x",
		[]row{{"fine", int64(1)}}},
	{"rounding", "SELECT ROUND(NUMERIC '2.345', 2), ROUND(-2.5), CAST(2.5 AS INT64), CAST(-2.5 AS INT64), CAST(NUMERIC '0.5' AS INT64), CAST(3.5 AS INT64)",
		[]row{{numeric("2.35"), -3.0, int64(3), int64(-3), int64(1), int64(4)}}},
	{"absolute values", "SELECT ABS(-5), ABS(NUMERIC '-1.50'), ABS(-2.5), ABS(CAST(NULL AS INT64))",
		[]row{{int64(5), numeric("1.5"), 2.5, nil}}},
	{"casts to string", "SELECT CAST(1.0 AS STRING), CAST(NUMERIC '1.50' AS STRING), CAST(NUMERIC '100' AS STRING), CAST(TRUE AS STRING), CAST(-5 AS STRING), CAST(DATE '2026-01-02' AS STRING)",
		[]row{{"1", "1.5", "100", "true", "-5", "2026-01-02"}}},
	{"timestamp to string", "SELECT CAST(TIMESTAMP '2026-01-02 03:04:05' AS STRING), CAST(TIMESTAMP '2026-01-02 03:04:05.5' AS STRING), CAST(TIMESTAMP '2026-01-02 03:04:05.123456' AS STRING)",
		[]row{{"2026-01-02 03:04:05+00", "2026-01-02 03:04:05.500+00", "2026-01-02 03:04:05.123456+00"}}},
	{"casts from string", "SELECT CAST('42' AS INT64), CAST(' -7 ' AS INT64), CAST('0x1F' AS INT64), CAST('1.25' AS NUMERIC), SAFE_CAST('x' AS INT64), SAFE_CAST(s AS INT64), CAST('true' AS BOOL) FROM (SELECT 'y' AS s)",
		[]row{{int64(42), int64(-7), int64(31), numeric("1.25"), nil, nil, true}}},
	{"nulls sort first", "SELECT x FROM UNNEST([2, NULL, 1]) AS x ORDER BY x", []row{{nil}, {int64(1)}, {int64(2)}}},
	{"nulls sort last descending", "SELECT x FROM UNNEST([2, NULL, 1]) AS x ORDER BY x DESC", []row{{int64(2)}, {int64(1)}, {nil}}},
	{"string literals", `SELECT "a'b", 'a"b', 'a\'b\n\t\\', r'a\n', '''x
'y' ''', "\x41é\U0001F600\101", b'\xff', rb'\x'`,
		[]row{{"a'b", `a"b`, "a'b\n\t\\", `a\n`, "x\n'y' ", "Aé😀A", []byte{0xff}, []byte(`\x`)}}},
	{"zero bytes survive", `SELECT 'a\x00b' = 'a', LENGTH('a\000b')`, []row{{false, int64(3)}}},
	{"comments", "SELECT 1 -- one\n, 2 # two\n, /* three */ 3", []row{{int64(1), int64(2), int64(3)}}},
	{"column names", "SELECT 1, 2 AS b, (SELECT 3)", []row{{int64(1), int64(2), int64(3)}}},
	{"timestamps", "SELECT TIMESTAMP '2026-01-02 03:04:05+02:00', TIMESTAMP('2026-01-02'), TIMESTAMP(DATE '2026-01-02'), TIMESTAMP '2026-01-02T03:04:05Z'",
		[]row{{instant("2026-01-02T01:04:05Z"), instant("2026-01-02T00:00:00Z"), instant("2026-01-02T00:00:00Z"), instant("2026-01-02T03:04:05Z")}}},
	{"truncation", "SELECT TIMESTAMP_TRUNC(t, HOUR), TIMESTAMP_TRUNC(t, DAY), TIMESTAMP_TRUNC(t, WEEK), TIMESTAMP_TRUNC(t, ISOWEEK), TIMESTAMP_TRUNC(t, MONTH), TIMESTAMP_TRUNC(t, MINUTE, 'UTC'), TIMESTAMP_TRUNC(t, DAY, 'America/New_York') FROM (SELECT TIMESTAMP '2026-01-15 03:04:05.678' AS t)",
		[]row{{instant("2026-01-15T03:00:00Z"), instant("2026-01-15T00:00:00Z"), instant("2026-01-11T00:00:00Z"), instant("2026-01-12T00:00:00Z"), instant("2026-01-01T00:00:00Z"), instant("2026-01-15T03:04:00Z"), instant("2026-01-14T05:00:00Z")}}},
	{"truncation before the epoch", "SELECT TIMESTAMP_TRUNC(t, HOUR), DATE(t), EXTRACT(HOUR FROM t), UNIX_SECONDS(t) FROM (SELECT TIMESTAMP '1969-12-31 22:30:00.5' AS t)",
		[]row{{instant("1969-12-31T22:00:00Z"), day(1969, 12, 31), int64(22), int64(-5400)}}},
	{"parts of a timestamp", "SELECT EXTRACT(HOUR FROM t), EXTRACT(DAYOFWEEK FROM t), EXTRACT(DATE FROM t), EXTRACT(YEAR FROM t), EXTRACT(WEEK FROM t), EXTRACT(ISOWEEK FROM t), EXTRACT(MICROSECOND FROM t), EXTRACT(HOUR FROM t AT TIME ZONE 'America/New_York'), EXTRACT(DAYOFYEAR FROM t), EXTRACT(QUARTER FROM t) FROM (SELECT TIMESTAMP '2026-01-18 03:04:05.678901' AS t)",
		[]row{{int64(3), int64(1), day(2026, 1, 18), int64(2026), int64(3), int64(3), int64(678901), int64(22), int64(18), int64(1)}}},
	{"dates of instants", "SELECT DATE(t), DATE(t, 'America/New_York'), DATE(2026, 2, 28), DATE('2026-01-05') FROM (SELECT TIMESTAMP '2026-01-15 03:04:05' AS t)",
		[]row{{day(2026, 1, 15), day(2026, 1, 14), day(2026, 2, 28), day(2026, 1, 5)}}},
	{"date arithmetic", "SELECT DATE_ADD(d, INTERVAL 1 MONTH), DATE_SUB(d, INTERVAL 31 DAY), DATE_ADD(d, INTERVAL -1 WEEK), d + 1, DATE_DIFF(d, DATE '2026-01-01', DAY), DATE_DIFF(DATE '2026-02-01', d, MONTH), DATE_DIFF(DATE '2026-01-18', DATE '2026-01-17', WEEK), DATE_DIFF(DATE '2026-01-18', DATE '2026-01-17', ISOWEEK) FROM (SELECT DATE '2026-01-31' AS d)",
		[]row{{day(2026, 2, 28), day(2025, 12, 31), day(2026, 1, 24), day(2026, 2, 1), int64(30), int64(1), int64(1), int64(0)}}},
	{"date differences follow the type", "SELECT DATE_DIFF(DATE '2026-02-01', DATE '2026-01-31', MONTH), DATE_DIFF(DATE '2025-12-31', DATE '2026-01-01', QUARTER), DATE_DIFF(DATE '1969-12-27', DATE '1969-12-28', WEEK), DATE_DIFF(DATE '2018-01-01', DATE '2017-12-30', ISOYEAR), DATE_DIFF(DATETIME '2026-01-02 00:10:00', DATETIME '2026-01-01 23:50:00', HOUR), DATETIME_DIFF(DATETIME '2026-01-02 00:10:00', '2026-01-01 23:50:00', DAY), DATETIME_DIFF('1969-12-31 23:59:59', DATETIME '1970-01-01', MINUTE), DATE_DIFF(TIMESTAMP '2026-01-02 00:10:00', TIMESTAMP '2026-01-01 23:50:00', DAY), DATE_DIFF(CAST(NULL AS DATE), DATE '2026-01-01', DAY)",
		[]row{{int64(1), int64(-1), int64(-1), int64(1), int64(1), int64(1), int64(-1), n, nil}}},
	{"date truncation", "SELECT DATE_TRUNC(d, WEEK), DATE_TRUNC(d, WEEK(MONDAY)), DATE_TRUNC(d, MONTH), DATE_TRUNC(d, QUARTER), DATE_TRUNC(d, YEAR), LAST_DAY(d) FROM (SELECT DATE '2026-02-15' AS d)",
		[]row{{day(2026, 2, 15), day(2026, 2, 9), day(2026, 2, 1), day(2026, 1, 1), day(2026, 1, 1), day(2026, 2, 28)}}},
	{"date truncation keeps the type", "SELECT DATE_TRUNC(t, DAY), DATE_TRUNC(t, HOUR), DATE_TRUNC(t, WEEK), DATE_TRUNC(t, WEEK(MONDAY)), DATE_TRUNC(t, MONTH), DATE_TRUNC(DATETIME(t), DAY), DATE_TRUNC(DATETIME(t), MINUTE), DATE_TRUNC(DATETIME(t), ISOYEAR), DATE_TRUNC(DATE(t), DAY), DATE_TRUNC(DATE(t), ISOYEAR), DATE_TRUNC('2026-05-17', QUARTER), DATE_TRUNC(CAST(NULL AS DATE), DAY) FROM (SELECT TIMESTAMP '1969-02-15 03:04:05.678' AS t)",
		[]row{{instant("1969-02-15T00:00:00Z"), instant("1969-02-15T03:00:00Z"), instant("1969-02-09T00:00:00Z"), instant("1969-02-10T00:00:00Z"), instant("1969-02-01T00:00:00Z"),
			datetime("1969-02-15T00:00:00"), datetime("1969-02-15T03:04:00"), datetime("1968-12-30T00:00:00"), day(1969, 2, 15), day(1968, 12, 30), day(2026, 4, 1), nil}}},
	{"dates of text", "SELECT CAST(s AS DATE), SAFE_CAST(CONCAT(s, ' 03:04') AS DATE), SAFE_CAST('2026-01-02 x' AS DATE), CAST('2026-1-2' AS DATE), CAST(CAST(NULL AS STRING) AS DATE), CAST(TIMESTAMP '2026-01-02 23:00:00' AS DATE), CAST(DATETIME '2026-01-02 23:00:00' AS DATE), DATE_ADD(CAST(NULL AS DATE), INTERVAL 1 DAY), DATE_ADD('2026-01-02', INTERVAL 1 DAY) FROM UNNEST(['2026-01-02']) AS s",
		[]row{{day(2026, 1, 2), nil, nil, day(2026, 1, 2), nil, day(2026, 1, 2), day(2026, 1, 2), nil, day(2026, 1, 3)}}},
	{"timestamp arithmetic", "SELECT TIMESTAMP_ADD(t, INTERVAL 90 MINUTE), TIMESTAMP_SUB(t, INTERVAL 1 DAY), TIMESTAMP_DIFF(TIMESTAMP '2026-01-01 11:01:00', TIMESTAMP '2026-01-01 10:59:00', HOUR), TIMESTAMP_DIFF(t, TIMESTAMP '2026-01-01 00:00:10', SECOND), t + INTERVAL 1 HOUR FROM (SELECT TIMESTAMP '2026-01-01 00:00:00' AS t)",
		[]row{{instant("2026-01-01T01:30:00Z"), instant("2025-12-31T00:00:00Z"), n, int64(-10), instant("2026-01-01T01:00:00Z")}}},
	{"differences in part", "SELECT TIMESTAMP_DIFF(b, a, MILLISECOND), TIMESTAMP_DIFF(a, b, MILLISECOND) FROM (SELECT TIMESTAMP '2026-01-01 00:00:00' AS a, TIMESTAMP '2026-01-01 00:00:01.5019' AS b)",
		[]row{{int64(1501), int64(-1501)}}},
	{"now, which stands still in a statement", "SELECT CURRENT_TIMESTAMP() = CURRENT_TIMESTAMP(), CURRENT_TIMESTAMP() > TIMESTAMP '2026-01-01 00:00:00'",
		[]row{{true, true}}},
	{"epochs", "SELECT TIMESTAMP_MICROS(1500000), TIMESTAMP_MILLIS(1500), TIMESTAMP_SECONDS(-1), UNIX_MICROS(TIMESTAMP '1970-01-01 00:00:01.5'), UNIX_MILLIS(TIMESTAMP '1969-12-31 23:59:59.9999'), UNIX_DATE(DATE '1970-01-02'), DATE_FROM_UNIX_DATE(20468)",
		[]row{{instant("1970-01-01T00:00:01.5Z"), instant("1970-01-01T00:00:01.5Z"), instant("1969-12-31T23:59:59Z"), int64(1500000), int64(-1), int64(1), day(2026, 1, 15)}}},
	{"formats of time", "SELECT FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%S%Ez', t), FORMAT_DATE('%F', DATE '2026-01-02'), FORMAT_TIMESTAMP('%E3S %T %R %D', t), PARSE_DATE('%Y%m%d', '20260102'), PARSE_TIMESTAMP('%F %T', '2026-01-02 03:04:05') FROM (SELECT TIMESTAMP '2026-01-02 03:04:05.678' AS t)",
		[]row{{"2026-01-02T03:04:05+00:00", "2026-01-02", "05.678 03:04:05 03:04 01/02/26", day(2026, 1, 2), instant("2026-01-02T03:04:05Z")}}},
	{"parsed times of which parts are missing", "SELECT PARSE_DATE('%m-%d', '02-03'), PARSE_TIMESTAMP('%H:%M', '10:20'), PARSE_DATETIME('%d', '05'), PARSE_DATE('%j', '032'), PARSE_DATE('%Y %j', '2024 060'), PARSE_DATE('%y', '69'), PARSE_DATE('%y', '68'), PARSE_DATE('%Y-%m', '2026-05'), PARSE_DATE('%D', '12/25/08'), PARSE_DATE('%m', CAST(NULL AS STRING)), SAFE.PARSE_DATE('%m-%d', '02-29')",
		[]row{{day(1970, 2, 3), instant("1970-01-01T10:20:00Z"), datetime("1970-01-05T00:00:00"), day(1970, 2, 1), day(2024, 2, 29), day(1969, 1, 1), day(2068, 1, 1), day(2026, 5, 1), day(2008, 12, 25), nil, nil}}},
	{"parsed names and spaces", "SELECT PARSE_DATE('%A %b %d %Y', 'Thursday Dec 25 2008'), PARSE_DATE('%b %d', ' dec 5 '), PARSE_DATE('%F', ' 2026-01-02 '), PARSE_TIMESTAMP('%I:%M %p', '03:04 pm'), PARSE_TIMESTAMP('%F %H:%M:%E6S', '2026-01-02 03:04:05.678901')",
		[]row{{day(2008, 12, 25), day(1970, 12, 5), day(2026, 1, 2), instant("1970-01-01T15:04:00Z"), instant("2026-01-02T03:04:05.678901Z")}}},
	{"formats", "SELECT FORMAT('%s-%02d %t %%', 'a', 7, NUMERIC '1.50'), FORMAT('%.2f', NUMERIC '1.005'), FORMAT('%t', CAST(NULL AS INT64)), FORMAT('%s', CAST(NULL AS STRING))",
		[]row{{"a-07 1.5 %", "1.01", "NULL", nil}}},
	{"formats of numbers", "SELECT FORMAT('%.1f', x), FORMAT('%.2f', 1.005), FORMAT('%.1f', NUMERIC '0.25'), FORMAT('%f', 1.0), FORMAT('%.3f', NUMERIC '-1'), FORMAT('%.2f', CAST(NULL AS NUMERIC)) FROM UNNEST([0.25]) AS x",
		[]row{{"0.2", "1.00", "0.3", "1.000000", "-1.000", nil}}},
	{"generated arrays", "SELECT GENERATE_ARRAY(1, 5, 2), GENERATE_DATE_ARRAY('2026-01-30', '2026-02-02', INTERVAL 2 DAY), GENERATE_TIMESTAMP_ARRAY('2026-01-01 00:00:00', '2026-01-01 02:00:00', INTERVAL 1 HOUR)",
		[]row{{row{int64(1), int64(3), int64(5)}, row{day(2026, 1, 30), day(2026, 2, 1)}, row{instant("2026-01-01T00:00:00Z"), instant("2026-01-01T01:00:00Z"), instant("2026-01-01T02:00:00Z")}}}},
	{"subscripts", "SELECT a[0], a[OFFSET(1)], a[ORDINAL(1)], a[SAFE_OFFSET(5)], a[SAFE_ORDINAL(0)], a[SAFE_OFFSET(-1)], ARRAY_LENGTH(a) FROM (SELECT ['x', 'y'] AS a)",
		[]row{{"x", "y", "x", nil, nil, nil, int64(2)}}},
	{"array functions", "SELECT ARRAY_CONCAT([1], [2, 3]), ARRAY_REVERSE([1, 2]), ARRAY_TO_STRING(['a', 'b'], '-'), ARRAY(SELECT x * 2 FROM UNNEST([3, 1, 2]) AS x ORDER BY x)",
		[]row{{row{int64(1), int64(2), int64(3)}, row{int64(2), int64(1)}, "a-b", row{int64(2), int64(4), int64(6)}}}},
	{"joined arrays of which one is NULL", "SELECT ARRAY_LENGTH(ARRAY_CONCAT([1], a)), ARRAY_LENGTH([1] || a), ARRAY_CONCAT([1]), ARRAY_LENGTH(ARRAY_CONCAT([1], CAST([] AS ARRAY<INT64>))) FROM (SELECT CAST(NULL AS ARRAY<INT64>) AS a)",
		[]row{{nil, nil, row{int64(1)}, int64(1)}}},
	{"array aggregation", "SELECT ARRAY_AGG(x ORDER BY x DESC LIMIT 2), ARRAY_AGG(DISTINCT x IGNORE NULLS ORDER BY x), STRING_AGG(CAST(x AS STRING), '/' ORDER BY x), STRING_AGG(CAST(x AS STRING) ORDER BY x DESC LIMIT 1) FROM UNNEST([2, 1, 3, NULL, 1]) AS x",
		[]row{{row{int64(3), int64(2)}, row{int64(1), int64(2), int64(3)}, "1/1/2/3", "3"}}},
	{"offsets count from 0", "SELECT x, o FROM UNNEST(['a', 'b']) AS x WITH OFFSET AS o ORDER BY o", []row{{"a", n}, {"b", int64(1)}}},
	{"offset has a default name", "SELECT x, offset FROM UNNEST(['a']) AS x WITH OFFSET", []row{{"a", n}}},
	{"structs unnest into columns", "SELECT *, s.a + 1, a FROM UNNEST([STRUCT(1 AS a, 'x' AS b), (2, 'y')]) AS s ORDER BY a", []row{{int64(1), "x", int64(2), int64(1)}, {int64(2), "y", int64(3), int64(2)}}},
	{"structs with offset", "SELECT s.a, o FROM UNNEST([STRUCT(7 AS a)]) AS s WITH OFFSET o", []row{{int64(7), n}}},
	{"correlated arrays", "SELECT t.id, i.p, o FROM (SELECT 1 AS id, [STRUCT('a' AS p), STRUCT('b' AS p)] AS items) AS t, UNNEST(t.items) AS i WITH OFFSET AS o WHERE i.p != 'c' ORDER BY o",
		[]row{{int64(1), "a", n}, {int64(1), "b", int64(1)}}},
	{"implicit correlated arrays", "SELECT i.p FROM (SELECT [STRUCT('a' AS p)] AS items) AS t, t.items AS i", []row{{"a"}}},
	{"outer arrays keep their rows", "SELECT id, x, o FROM (SELECT 1 AS id, [10] AS xs UNION ALL SELECT 2, CAST([] AS ARRAY<INT64>)) AS t LEFT JOIN UNNEST(t.xs) AS x WITH OFFSET AS o ORDER BY id",
		[]row{{int64(1), int64(10), n}, {int64(2), nil, nil}}},
	{"a join with a constant array", "SELECT x, s.b FROM UNNEST([1, 2]) AS x LEFT JOIN UNNEST([STRUCT(1 AS a, 'one' AS b)]) AS s ON s.a = x ORDER BY x", []row{{int64(1), "one"}, {int64(2), nil}}},
	{"an outer join under a condition on its left side", "SELECT a.x, b.y FROM UNNEST([STRUCT(1 AS x, TRUE AS ok), (2, FALSE), (3, NULL)]) AS a LEFT JOIN (SELECT z AS y FROM UNNEST([1, 2, 3]) AS z) AS b ON b.y = a.x AND a.ok AND b.y > 0 ORDER BY a.x",
		[]row{{int64(1), int64(1)}, {int64(2), nil}, {int64(3), nil}}},
	{"an outer join under an alternative", "SELECT a.x, b.y FROM UNNEST([STRUCT(1 AS x, TRUE AS ok), (2, FALSE)]) AS a LEFT JOIN (SELECT 1 AS y) AS b ON b.y = a.x AND a.ok OR a.x = 2 ORDER BY a.x",
		[]row{{int64(1), int64(1)}, {int64(2), int64(1)}}},
	{"arrays in subqueries", "SELECT (SELECT SUM(i.q * i.p) FROM UNNEST(t.items) AS i), EXISTS (SELECT 1 FROM UNNEST(t.items) AS i WHERE i.q > 1) FROM (SELECT [STRUCT(2 AS q, NUMERIC '1.5' AS p), (1, NUMERIC '1')] AS items) AS t",
		[]row{{numeric("4"), true}}},
	{"fields of an element", "SELECT i.* FROM (SELECT [STRUCT(1 AS a, 'x' AS b)] AS items) AS t, UNNEST(t.items) AS i", []row{{int64(1), "x"}}},
	{"membership in arrays", "SELECT 1 IN UNNEST([1, 2]), 3 IN UNNEST([1, 2]), 1 IN UNNEST(a), NULL IN UNNEST([1]), 1 NOT IN (2, 3) FROM (SELECT [5] AS a)", []row{{true, false, false, nil, true}}},
	{"conditions", "SELECT IF(NULL, 1, 2), IFNULL(NULL, 3), NULLIF(1, 1), COALESCE(NULL, 4), CASE 2 WHEN 1 THEN 'a' ELSE 'b' END, GREATEST(1, NULL), LEAST(3, 2), CONCAT('a', NULL)",
		[]row{{int64(2), int64(3), nil, int64(4), "b", nil, int64(2), nil}}},
	{"alternatives with a literal", "SELECT IF(TRUE, 1.5, 2), CASE WHEN i > 9 THEN 0.25 ELSE i END, COALESCE(i, 0.5), IFNULL(m, 0.5), IFNULL(n, 0.123456789), COALESCE(m, n, 2.5), GREATEST(i, 0.5), LEAST(n, 0.5), GREATEST(1.5, NULL), LEAST(1.5, 2), CASE WHEN i = 3 THEN 1.5 ELSE ERROR('never') END, IF(i = 3, n, 1.25), NULLIF(1.5, 2) FROM (SELECT 3 AS i, CAST(NULL AS INT64) AS m, CAST(NULL AS NUMERIC) AS n)",
		[]row{{1.5, 3.0, 3.0, 0.5, numeric("0.123456789"), 2.5, 3.0, nil, nil, 1.5, 1.5, nil, 1.5}}},
	{"strings", "SELECT UPPER('ab'), SUBSTR('apple', 2), SUBSTR('apple', -3, 2), SUBSTR('apple', 0, 2), TRIM('\t a\u3000\u00a0 '), LENGTH('é'), BYTE_LENGTH('é'), STRPOS('abc', 'c'), STARTS_WITH('abc', 'ab'), 'a' || 'b', REPLACE('aab', 'a', 'x'), LPAD('7', 3, '0'), REVERSE('ab'), SPLIT('a,b', ',')",
		[]row{{"AB", "pple", "pl", "ap", "a", int64(1), int64(2), int64(3), true, "ab", "xxb", "007", "ba", row{"a", "b"}}}},
	{"substrings at the edges", `SELECT SUBSTR('apple', -10, 2), SUBSTR('apple', 9), SUBSTR('apple', 2, 0), SUBSTR('apple', 1, 123), SUBSTR('apple', p), LEFT('ba', 0), RIGHT('ba', 5), LPAD('abc', 2, 'd'), RPAD('é', 3, '-'), REPEAT('abc', 0), REPEAT('ab', CAST(NULL AS INT64)) FROM UNNEST([-9]) AS p`,
		[]row{{"ap", "", "", "apple", "apple", "", "ba", "ab", "é--", "", nil}}},
	{"characters are code points", `SELECT REVERSE('e\u0301a') = 'a\u0301e', CHAR_LENGTH('e\u0301a'), SUBSTR('e\u0301a', 2, 1) = '\u0301', STRPOS('e\u0301a', 'a'), CHR(0), CHR(1024), CHR(CAST(NULL AS INT64)), ASCII(''), ASCII('nЖ')`,
		[]row{{true, int64(3), true, int64(3), "", "Ѐ", nil, n, int64(110)}}},
	{"capitals", `SELECT INITCAP('Hello World-everyone!'), INITCAP('Apples1oranges2pears', '12'), INITCAP('HERE-iS-a string', 'a -'), INITCAP(' a\tb\nc d'), INITCAP('ж--щ фФ'), INITCAP('ABCD', ''), INITCAP(CAST(NULL AS STRING)), INITCAP('')`,
		[]row{{"Hello World-Everyone!", "Apples1Oranges2Pears", "Here-Is-a String", " A\tB\nC D", "Ж--Щ Фф", "Abcd", nil, ""}}},
	{"bytes that are no text", `SELECT SAFE_CONVERT_BYTES_TO_STRING(b'\xc2'), SAFE_CONVERT_BYTES_TO_STRING(b'a\xff\xe2\x82b\xc3\xa9'), SAFE_CONVERT_BYTES_TO_STRING(b''), SAFE_CONVERT_BYTES_TO_STRING(CAST(NULL AS BYTES)), SAFE_CONVERT_BYTES_TO_STRING(b'more than twelve bytes')`,
		[]row{{"\uFFFD", "a\uFFFD\uFFFD\uFFFDbé", "", nil, "more than twelve bytes"}}},
	{"lower case", "SELECT LOWER('ÄB-C'), LOWER(CAST(NULL AS STRING))",
		[]row{{"äb-c", nil}}},
	{"patterns", `SELECT 'a%b' LIKE 'a\\%b', 'axb' LIKE 'a\\%b', 'abc' LIKE 'a_c', REGEXP_CONTAINS('abc', r'b+'), REGEXP_EXTRACT('k=v', r'=(.)'), REGEXP_EXTRACT('abc', r'x'), REGEXP_EXTRACT('abc', r'b.'), REGEXP_REPLACE('aabb', r'(a+)(b)', r'\2\1')`,
		[]row{{true, false, true, true, "v", nil, "bc", "baab"}}},
	{"hashes", "SELECT TO_HEX(MD5('a')), TO_HEX(SHA256('a')), TO_BASE64(b'abc'), LENGTH(SHA256('a')), FROM_HEX('ff')",
		[]row{{"0cc175b9c0f1b6a831c399e269772661", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "YWJj", int64(32), []byte{0xff}}}},
	{"json", `SELECT JSON_VALUE('{"a": {"b": "x"}, "n": 1.5}', '$.a.b'), JSON_VALUE('{"a": {}}', '$.a'), JSON_VALUE(JSON '{"n": 2}', '$.n'), TO_JSON_STRING(STRUCT(1 AS a, 'x' AS b))`,
		[]row{{"x", nil, "2", `{"a":1,"b":"x"}`}}},
	{"json of values", "SELECT TO_JSON_STRING(TO_JSON(STRUCT(NUMERIC '1.50' AS n, [DATE '2026-01-02'] AS days, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', TIMESTAMP '2026-01-02 03:04:05') AS t, TRUE AS ok, CAST(NULL AS STRING) AS nothing)))",
		[]row{{`{"n":1.5,"days":["2026-01-02"],"t":"2026-01-02T03:04:05.000000Z","ok":true,"nothing":null}`}}},
	{"extremes by another column", "SELECT MAX_BY(a, b), MIN_BY(a, b), ANY_VALUE(a HAVING MAX b), APPROX_QUANTILES(b, 2), COUNT(DISTINCT b), LOGICAL_OR(b > 2) FROM UNNEST([STRUCT('x' AS a, 1 AS b), ('y', 3), ('z', 2)])",
		[]row{{"y", "x", "y", row{int64(1), int64(2), int64(3)}, int64(3), true}}},
	{"window functions", "SELECT x, ROW_NUMBER() OVER (ORDER BY x), SUM(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), LAG(x) OVER w, FIRST_VALUE(x) OVER w, AVG(x) OVER (), COUNTIF(x > 1) OVER () FROM UNNEST([1, 2, 3]) AS x WINDOW w AS (ORDER BY x) ORDER BY x",
		[]row{{int64(1), int64(1), int64(1), nil, int64(1), 2.0, int64(2)}, {int64(2), int64(2), int64(3), int64(1), int64(1), 2.0, int64(2)}, {int64(3), int64(3), int64(5), int64(2), int64(1), 2.0, int64(2)}}},
	{"percentiles", "SELECT DISTINCT PERCENTILE_CONT(x, 0.5) OVER () FROM UNNEST([1, 2, 3, 4]) AS x", []row{{2.5}}},
	{"qualify", "SELECT x FROM UNNEST([3, 1, 2]) AS x WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY x) = 2", []row{{int64(2)}}},
	{"stars", "SELECT * EXCEPT (b), t.* REPLACE (a + 1 AS a) FROM (SELECT 1 AS a, 2 AS b) AS t", []row{{int64(1), int64(2), int64(2)}}},
	{"an alias hides a column in grouping", "SELECT TIMESTAMP_TRUNC(t, DAY) AS t, COUNT(*) FROM UNNEST([TIMESTAMP '2026-01-01 01:00:00', TIMESTAMP '2026-01-01 02:00:00']) AS t GROUP BY t", []row{{instant("2026-01-01T00:00:00Z"), int64(2)}}},
	{"aliases in expressions of ORDER BY", "SELECT a AS x, COUNT(*) AS n FROM UNNEST(['p', 'q', 'q', 'r', 'r', 'r']) AS a GROUP BY x ORDER BY MOD(n, 3), CONCAT(x, 'z') DESC",
		[]row{{"r", int64(3)}, {"p", int64(1)}, {"q", int64(2)}}},
	{"an alias hides a column in ORDER BY", "SELECT -x AS x FROM UNNEST([1, 3, 2]) AS x ORDER BY x + 0", []row{{int64(-3)}, {int64(-2)}, {int64(-1)}}},
	{"a column within an aggregate of ORDER BY", "SELECT k, SUM(v) AS v FROM UNNEST([STRUCT('a' AS k, 1 AS v), ('a', 5), ('b', 4)]) GROUP BY k ORDER BY MAX(v) - v DESC", []row{{"b", int64(4)}, {"a", int64(6)}}},
	{"an average in ORDER BY", "SELECT TIMESTAMP_TRUNC(t, DAY) AS t, AVG(UNIX_SECONDS(t)) AS a FROM UNNEST([TIMESTAMP '1970-01-01 00:00:02', TIMESTAMP '1970-01-02 00:00:00']) AS t GROUP BY t ORDER BY UNIX_SECONDS(t) * -1, -a", []row{{instant("1970-01-02T00:00:00Z"), 86400.0}, {instant("1970-01-01T00:00:00Z"), 2.0}}},
	{"a subquery in ORDER BY has names of its own", "SELECT -x AS x FROM UNNEST([1, 2]) AS x ORDER BY (SELECT MAX(x) FROM UNNEST([7]) AS x), x", []row{{int64(-2)}, {int64(-1)}}},
	{"distinct in the order of an expression", "SELECT DISTINCT x * 2 AS x FROM UNNEST([1, 3, 3, 2]) AS x ORDER BY 10 - x", []row{{int64(6)}, {int64(4)}, {int64(2)}}},
	{"a rank in the order of an expression", "SELECT x, RANK() OVER (ORDER BY x DESC) AS r FROM UNNEST([1, 3, 2]) AS x ORDER BY -r", []row{{int64(1), int64(3)}, {int64(2), int64(2)}, {int64(3), int64(1)}}},
	{"grouping by position", "SELECT MOD(x, 2) AS m, COUNT(*) FROM UNNEST([1, 2, 3]) AS x GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY 1", []row{{int64(1), int64(2)}}},
	{"rollup", "SELECT a, SUM(b) FROM UNNEST([STRUCT('x' AS a, 1 AS b), ('y', 2)]) GROUP BY ROLLUP(a) ORDER BY a", []row{{nil, int64(3)}, {"x", int64(1)}, {"y", int64(2)}}},
	{"set operations", "(SELECT 1 AS x UNION ALL SELECT 1) EXCEPT DISTINCT SELECT 2", []row{{int64(1)}}},
	{"common table expressions", "WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT a.x, b.x FROM a CROSS JOIN b", []row{{int64(1), int64(2)}}},
	{"typed constructors", "SELECT ARRAY<INT64>[1, 2], STRUCT<a INT64, b STRING>(1, 'x'), ARRAY<STRUCT<a INT64>>[STRUCT(1)]", []row{{row{int64(1), int64(2)}, row{int64(1), "x"}, row{row{int64(1)}}}}},
	{"struct subqueries", "SELECT ARRAY(SELECT AS STRUCT x AS a, x * 2 AS b FROM UNNEST([1, 2]) AS x ORDER BY x)", []row{{row{row{int64(1), int64(2)}, row{int64(2), int64(4)}}}}},
	{"big integers", "SELECT 9223372036854775807, -9223372036854775808, 100000 * 100000, 0xFF", []row{{int64(9223372036854775807), int64(-9223372036854775808), int64(10000000000), int64(255)}}},
	{"boolean tests", "SELECT NULL IS NULL, TRUE IS NOT FALSE, 1 IS DISTINCT FROM NULL, NOT TRUE OR TRUE AND FALSE, 5 BETWEEN 1 AND 9", []row{{true, true, true, false, true}}},
	{"shifts fill with 0", "SELECT 1 << 63, 1 << 64, -1 >> 1, -8 >> 64, 8 >> 1, CAST(NULL AS INT64) << 1", []row{{int64(-9223372036854775808), n, int64(9223372036854775807), n, int64(4), nil}}},
	{"powers and the like", "SELECT POW(2, 3), POWER(2.0, -1), SQRT(16), EXP(0), LN(1), LOG10(1000), POW(1.0, CAST('nan' AS FLOAT64)), EXP(CAST('inf' AS FLOAT64)), SAFE.POW(10, 400), IEEE_DIVIDE(1, 0)",
		[]row{{8.0, 0.5, 4.0, 1.0, 0.0, 3.0, 1.0, math.Inf(1), nil, math.Inf(1)}}},
	{"casts of FLOAT64 to string", "SELECT CAST(1e15 AS STRING), CAST(1e14 AS STRING), CAST(0.1 + 0.2 AS STRING), CAST(1e-5 AS STRING), CAST(123456789.125 AS STRING), CAST(1 / 3 AS STRING), CAST(CAST('inf' AS FLOAT64) AS STRING), CAST(CAST('-inf' AS FLOAT64) AS STRING), CAST(CAST('nan' AS FLOAT64) AS STRING)",
		[]row{{"1e+15", "100000000000000", "0.30000000000000004", "1e-05", "123456789.125", "0.33333333333333331", "inf", "-inf", "nan"}}},
	{"casts of times to string", "SELECT CAST(DATETIME '2026-01-02 03:04:05' AS STRING), CAST(DATETIME '2026-01-02 03:04:05.5' AS STRING), CAST(TIME '03:04:05.123456' AS STRING)", []row{{"2026-01-02 03:04:05", "2026-01-02 03:04:05.500", "03:04:05.123456"}}},
	{"casts to BOOL", "SELECT CAST('TRUE' AS BOOL), CAST('false' AS BOOL), CAST(5 AS BOOL), CAST(0 AS BOOL), CAST(TRUE AS BOOL), SAFE_CAST('1' AS BOOL), SAFE_CAST('t' AS BOOL), SAFE_CAST('1.5' AS INT64), CAST(NULL AS BOOL)",
		[]row{{true, false, true, false, true, nil, nil, nil, nil}}},
	{"bits", "SELECT 5 & 3, 5 | 3, 5 ^ 3, ~0, 1 << 4", []row{{int64(1), int64(7), int64(6), int64(-1), int64(16)}}},
	{"safe functions", "SELECT SAFE.PARSE_DATE('%Y', 'x'), SAFE_ADD(9223372036854775807, 1)", []row{{nil, nil}}},
}

// TestRefusals holds statements that must fail, with their reason and message.
func TestRefusals(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE t (a INT64 NOT NULL, b STRING)")
	for _, c := range []struct{ name, sql, reason, message string }{
		{"unknown function", "SELECT FARM_FINGERPRINT('a')", "invalidQuery", "Function not found: FARM_FINGERPRINT at [1:8]"},
		{"DuckDB's own functions", "SELECT read_csv('x')", "invalidQuery", "Function not found: read_csv at [1:8]"},
		{"DuckDB's own syntax", "SELECT 1::INT64", "invalidQuery", "Unexpected \":\""},
		{"DuckDB's statements", "PRAGMA version", "invalidQuery", "Unexpected \"PRAGMA\""},
		{"files as tables", "SELECT * FROM `data.csv`", "notFound", "Not found: Table ecomm-local:data.csv was not found"},
		{"instants as JSON", "SELECT TO_JSON_STRING([STRUCT(CURRENT_TIMESTAMP() AS t)])", "invalidQuery", "Unsupported here: TIMESTAMP, DATETIME, TIME or BYTES as JSON"},
		{"hours of a date", "SELECT DATE_TRUNC(DATE '2026-01-02', HOUR)", "invalidQuery", "DATE_TRUNC does not support the HOUR date part when the argument is DATE type"},
		{"a remainder of nothing", "SELECT MOD(7, 0)", "invalidQuery", "division by zero: 7 / 0"},
		{"a remainder of no NUMERIC", "SELECT MOD(NUMERIC '7.5', 0)", "invalidQuery", "division by zero: 7.5 / 0"},
		{"a quotient by nothing", "SELECT DIV(NUMERIC '7', NUMERIC '0')", "invalidQuery", "division by zero: 7 / 0"},
		{"a quotient that is too large", "SELECT DIV(-9223372036854775808, -1)", "invalidQuery", "int64 overflow"},
		{"a week to be parsed", "SELECT PARSE_DATE('%Y %U', '2026 05')", "invalidQuery", "Unsupported here: time format element %U at [1:19]"},
		{"hours between dates", "SELECT DATE_DIFF(DATE '2026-01-02', DATE '2026-01-01', HOUR)", "invalidQuery", "DATE_DIFF does not support the HOUR date part when the arguments are DATE type"},
		{"months between instants", "SELECT DATE_DIFF(TIMESTAMP '2026-01-02', TIMESTAMP '2026-01-01', MONTH)", "invalidQuery", "TIMESTAMP_DIFF does not support the MONTH date part"},
		{"a quoted part of a difference", "SELECT DATE_DIFF(DATE '2026-01-02', DATE '2026-01-01', `day', (SELECT 1)) --`)", "invalidQuery", "A valid date part name is required but found `day', (SELECT 1)) --` at [1:56]"},
		{"a quoted part of a truncation", "SELECT TIMESTAMP_TRUNC(TIMESTAMP '2026-01-02', `MONTH`)", "invalidQuery", "A valid date part name is required but found `MONTH` at [1:48]"},
		{"a quoted part of a datetime", "SELECT DATETIME_TRUNC(DATETIME '2026-01-02', `day') --`)", "invalidQuery", "A valid date part name is required but found `day') --` at [1:46]"},
		{"a number for a part", "SELECT DATE_TRUNC(DATE '2026-01-02', 1)", "invalidQuery", "A valid date part name is required but found 1 at [1:38]"},
		{"a quoted part to extract", "SELECT EXTRACT(`YEAR` FROM DATE '2026-01-02')", "invalidQuery", "A valid date part name is required but found `YEAR` at [1:16]"},
		{"a quoted unit", "SELECT DATE '2026-01-02' + INTERVAL 1 `DAY`", "invalidQuery", "Unsupported here: INTERVAL in DAY at [1:39]"},
		{"a negative length", "SELECT LEFT('banana', -1)", "invalidQuery", "a length or a number of repetitions cannot be negative"},
		{"a negative rest", "SELECT SUBSTR('apple', 2, -1)", "invalidQuery", "a length or a number of repetitions cannot be negative"},
		{"negative repetitions", "SELECT REPEAT('abc', -1)", "invalidQuery", "a length or a number of repetitions cannot be negative"},
		{"many repetitions", "SELECT REPEAT('abc', 4000000000)", "invalidQuery", "Output of REPEAT exceeds max allowed output size of 1MB"},
		{"a long pad", "SELECT LPAD('abc', 2000000000, 'x')", "invalidQuery", "output exceeds max allowed output size of 1MB"},
		{"no code point", "SELECT CHR(0xD800)", "invalidQuery", "Invalid codepoint 55296"},
		{"no ASCII", "SELECT ASCII('é')", "invalidQuery", "Non-ASCII character"},
		{"a number as BOOL", "SELECT CAST('1' AS BOOL)", "invalidQuery", "Bad bool value: 1"},
		{"a fraction as INT64", "SELECT CAST('1.5' AS INT64)", "invalidQuery", "Bad int64 value: 1.5"},
		{"a negative shift", "SELECT 1 << -1", "invalidQuery", "Bitwise shift by negative offset -1"},
		{"a product that is too large", "SELECT 1e308 * 10", "invalidQuery", "double overflow: 1e+308 * 10"},
		{"a quotient that overflows", "SELECT 1e308 / 1e-10", "invalidQuery", "double overflow: 1e+308 / 1e-10"},
		{"a power that is too large", "SELECT POW(10, 400)", "invalidQuery", "Floating point error in function: POW"},
		{"a root of a NUMERIC", "SELECT SQRT(NUMERIC '2')", "invalidQuery", "Unsupported here: SQRT, LN, LOG10, EXP and POW of NUMERIC"},
		{"a group that may be left out", "SELECT REGEXP_EXTRACT('ab', '(z)?b')", "invalidQuery", "Unsupported here: REGEXP_EXTRACT with a capturing group that a match may leave out"},
		{"a time for a date", "SELECT CAST('2026-01-02 03:04:05' AS DATE)", "invalidQuery", "Could not cast literal"},
		{"a time in a DATE", "SELECT DATE '2026-01-02 03:04:05'", "invalidQuery", "Invalid DATE literal"},
		{"a text that is no date", "SELECT CAST(s AS DATE) FROM UNNEST(['2026-01-02 x']) AS s", "invalidQuery", "Invalid date: '2026-01-02 x'"},
		{"days to an instant", "SELECT DATE_ADD(TIMESTAMP '2026-01-02', INTERVAL 1 DAY)", "invalidQuery", "Unsupported here: DATE_ADD and DATE_SUB of what is not a DATE"},
		{"an hour of a datetime", "SELECT TIMESTAMP_TRUNC(DATETIME '2026-01-02 03:04:05', HOUR)", "invalidQuery", "Unsupported here: TIMESTAMP_TRUNC and TIMESTAMP_DIFF of what is not a TIMESTAMP"},
		{"hours between datetimes", "SELECT TIMESTAMP_DIFF(DATETIME '2026-01-02', DATETIME '2026-01-01', HOUR)", "invalidQuery", "Unsupported here: TIMESTAMP_TRUNC and TIMESTAMP_DIFF of what is not a TIMESTAMP"},
		{"a step of 0", "SELECT GENERATE_ARRAY(1, 5, 0)", "invalidQuery", "Sequence step cannot be 0."},
		{"a step of no days", "SELECT GENERATE_DATE_ARRAY('2016-10-05', '2016-10-08', INTERVAL 0 DAY)", "invalidQuery", "Sequence step cannot be 0."},
		{"a step of no hours", "SELECT GENERATE_TIMESTAMP_ARRAY('2016-10-05', '2016-10-08', INTERVAL 0 HOUR)", "invalidQuery", "Sequence step cannot be 0."},
		{"a fraction as a whole", "SELECT FORMAT('%d', 1.5)", "invalidQuery", "No function matches"},
		{"a FLOAT64 as it is shown", "SELECT FORMAT('%t', 1.5)", "invalidQuery", "Unsupported here: FORMAT specifier %t of FLOAT64"},
		{"a sum of everything", "SELECT SUM(*) FROM t", "invalidQuery", "Argument * can only be used in COUNT(*) at [1:8]"},
		{"a percentile of everything", "SELECT PERCENTILE_CONT(*) OVER () FROM t", "invalidQuery", "Argument * can only be used in COUNT(*) at [1:8]"},
		{"comparisons in a row", "SELECT 1 = 1 = TRUE", "invalidQuery", `Unexpected "=" at [1:14]`},
		{"tests in a row", "SELECT 1 IN (1) IN (TRUE)", "invalidQuery", `Unexpected "IN" at [1:17]`},
		{"patterns in a row", "SELECT b LIKE 'a' IS NULL FROM t", "invalidQuery", `Syntax error: Expected FROM but got "IS" at [1:19]`},
		{"a nest of subscripts", "SELECT [1]" + strings.Repeat("[0]", 100), "invalidQuery", "the translation of the query is too large"},
		{"empty", "  -- nothing", "invalidQuery", "Unexpected end of script"},
		{"blocks", "BEGIN SELECT 1; END", "invalidQuery", "Unsupported here: a BEGIN ... END block at [1:1]"},
		{"time travel", "SELECT * FROM t FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()", "invalidQuery", "Unsupported here: FOR behind a table"},
		{"parameterized types", "CREATE TABLE u (a STRING(10))", "invalidQuery", "Unsupported here: parameterized type STRING"},
		{"deep nesting", "SELECT " + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000), "invalidQuery", "too deeply nested"},
		{"deep signs", "SELECT " + strings.Repeat("- ", 5000) + "1", "invalidQuery", "too deeply nested"},
		{"ambiguous update", "UPDATE t SET b = s.b FROM UNNEST([STRUCT(1 AS a, 'x' AS b), (1, 'y')]) AS s WHERE t.a = s.a", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := f.query(t.Context(), c.sql)
			if reason(err) != c.reason || !strings.Contains(apiError(err).Message, c.message) && c.message != "" {
				t.Errorf("got %q %v, want %q %q", reason(err), err, c.reason, c.message)
			}
		})
	}
}
