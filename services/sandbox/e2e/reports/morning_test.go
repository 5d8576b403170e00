package reports

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"cloud.google.com/go/civil"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/oracle"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
)

// record is a row of the oracle's sheet by column.
type record map[string]string

func records(id string, sheet oracle.Sheet) []record {
	var all []record
	for _, row := range sheet {
		r := make(record, len(row))
		for i, cell := range row {
			r[reportcheck.ReportColumns[id][i]] = cell
		}
		all = append(all, r)
	}
	return all
}

func (r record) amount(t *testing.T, column string) *big.Rat {
	t.Helper()
	v, ok := new(big.Rat).SetString(r[column])
	if !ok {
		t.Fatalf("%s is %q", column, r[column])
	}
	return v
}

// compareMorning holds the digest of a date against the oracle's reports.
func compareMorning(t *testing.T, p *harness.Pipeline, date civil.Date, want map[string]oracle.Sheet) {
	t.Helper()
	answer := make(map[string]any)
	p.AskInto(t, "morning?date="+date.String(), &answer)
	if answer["date"] != date.String() || answer["complete"] != true {
		t.Errorf("the morning of %s is of %v, complete %v", date, answer["date"], answer["complete"])
	}
	var (
		days, products, customers []record
		unusual                   []record
		health                    = record{"checks": fmt.Sprint(len(want["data-quality"]))}
		count                     = map[string]int{}
		findings                  = new(big.Rat)
	)
	for _, r := range records("revenue-trends", want["revenue-trends"]) {
		if r["granularity"] != "day" {
			continue
		}
		day, err := civil.ParseDate(r["period_start"])
		if err != nil {
			t.Fatal(err)
		}
		ago := date.DaysSince(day)
		if r["level"] == "total" && ago%7 == 0 && ago <= 56 {
			r["day"] = r["period_start"]
			days = append(days, r)
		}
		if ago == 0 && r["anomaly"] != "" {
			unusual = append(unusual, r)
		}
	}
	for _, r := range records("inventory-alerts", want["inventory-alerts"]) {
		if len(products) < 10 && r["alert"] != "unknown_product" {
			products = append(products, r)
		}
	}
	for _, r := range records("churn-risk", want["churn-risk"]) {
		if len(customers) < 10 && r["segment"] == "repeat" {
			customers = append(customers, r)
		}
	}
	for _, r := range records("data-quality", want["data-quality"]) {
		count[r["status"]]++
		switch r["check_name"] {
		case "found_on_day":
			findings.Add(findings, r.amount(t, "value"))
		case "orders_of_day":
			health["orders"] = r["value"]
		case "orders_landed_later":
			health["orders_landed_later"] = r["value"]
		}
	}
	health["errors"], health["warnings"], health["findings"] = fmt.Sprint(count["error"]), fmt.Sprint(count["warning"]), findings.FloatString(0)
	for part, rows := range map[string][]record{
		"days": days, "anomalies": byCause(t, unusual), "stock_outs": products, "customers": customers, "health": {health},
	} {
		list, _ := answer[part].([]any)
		if len(list) != len(rows) {
			t.Errorf("%d %s of %s, want %d", len(list), part, date, len(rows))
			continue
		}
		for i, entry := range list {
			shown, expected := record{}, record{}
			for column, value := range entry.(map[string]any) {
				shown[column], expected[column] = plain(value), plainText(rows[i][column])
			}
			if diff := gocmp.Diff(expected, shown); diff != "" {
				t.Errorf("%s of %s, row %d (-want +got):\n%s", part, date, i, diff)
			}
		}
	}
}

// plain is a value of the API as the oracle writes it.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return fmt.Sprintf("%.0f", v)
	default:
		return plainText(fmt.Sprint(v))
	}
}

// plainText takes needless zeros off an amount.
func plainText(text string) string {
	v, ok := new(big.Rat).SetString(text)
	if !ok || len(text) > 0 && (text[0] == '0' && len(text) > 1 && text[1] != '.') {
		return text
	}
	return v.RatString()
}

// byCause gives each unusual series its cause and puts them into the digest's order.
func byCause(t *testing.T, unusual []record) []record {
	t.Helper()
	size := func(r record) *big.Rat {
		return new(big.Rat).Abs(new(big.Rat).Sub(r.amount(t, "revenue"), r.amount(t, "expected_revenue")))
	}
	half := func(part, whole record) bool { return new(big.Rat).Add(size(part), size(part)).Cmp(size(whole)) >= 0 }
	// largest is the largest of those that fit, or nil.
	largest := func(fits func(record) bool) (most record) {
		for _, r := range unusual {
			if fits(r) && (most == nil || size(r).Cmp(size(most)) > 0) {
				most = r
			}
		}
		return most
	}
	at := func(level, region, category, anomaly string) record {
		return largest(func(r record) bool {
			return r["level"] == level && r["region"] == region && r["category"] == category && r["anomaly"] == anomaly
		})
	}
	causeOf := func(r record) (level, region, category string) {
		if whole := at("total", "", "", r["anomaly"]); whole != nil {
			chief := largest(func(c record) bool { return c["level"] == "category" && c["anomaly"] == r["anomaly"] && half(c, whole) })
			if chief == nil {
				chief = largest(func(c record) bool { return c["level"] == "region" && c["anomaly"] == r["anomaly"] && half(c, whole) })
			}
			if chief == nil {
				return "total", "", ""
			}
			if r["level"] == "total" {
				return chief["level"], chief["region"], chief["category"]
			}
		}
		switch r["level"] {
		case "region":
			part := largest(func(c record) bool {
				return c["level"] == "region_category" && c["region"] == r["region"] && c["anomaly"] == r["anomaly"] && half(c, r) &&
					at("category", "", c["category"], r["anomaly"]) != nil
			})
			if part != nil {
				return "category", "", part["category"]
			}
		case "region_category":
			if at("category", "", r["category"], r["anomaly"]) != nil {
				return "category", "", r["category"]
			}
			if at("region", r["region"], "", r["anomaly"]) != nil {
				return "region", r["region"], ""
			}
		}
		return r["level"], r["region"], r["category"]
	}
	sizes := make(map[string]*big.Rat)
	key := func(r record) string {
		return r["anomaly"] + "|" + r["cause_level"] + "|" + r["cause_region"] + "|" + r["cause_category"]
	}
	for _, r := range unusual {
		r["cause_level"], r["cause_region"], r["cause_category"] = causeOf(r)
		r["difference"] = plainText(new(big.Rat).Sub(r.amount(t, "revenue"), r.amount(t, "expected_revenue")).FloatString(9))
		if most := sizes[key(r)]; most == nil || size(r).Cmp(most) > 0 {
			sizes[key(r)] = size(r)
		}
	}
	slices.SortStableFunc(unusual, func(a, b record) int { // rows of one size are in the report's order
		return cmp.Or(sizes[key(b)].Cmp(sizes[key(a)]), cmp.Compare(key(a), key(b)), size(b).Cmp(size(a)))
	})
	return unusual[:min(len(unusual), 100)]
}

// TestMorningCauses plants a day's series and looks at what is taken for the cause of what.
func TestMorningCauses(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "reporter")
	date := civil.Date{Year: 2026, Month: 11, Day: 1}
	p.MustQuery(t, "INSERT INTO report_runs (report_date, report, row_count, data_through, parameters) VALUES ('2026-11-01', 'revenue-trends', 0, '2026-11-02', ''), "+
		"('2026-11-02', 'revenue-trends', 0, '2026-11-03', ''), ('2026-11-03', 'revenue-trends', 0, '2026-11-04', '')")
	type series struct {
		level, region, category string
		revenue                 int // 100 are expected
	}
	for i, day := range [][]series{
		{ // a campaign, and something else in one place
			{"total", "", "", 180}, {"category", "", "Toys", 170}, {"region", "West", "", 160}, {"region_category", "West", "Toys", 150},
			{"region", "East", "", 10}, {"region_category", "East", "Books", 40}, {"region_category", "North", "Pens", 145},
		},
		{ // the shop was down
			{"total", "", "", 1}, {"category", "", "Toys", 60}, {"region", "West", "", 55}, {"region_category", "West", "Toys", 60}, {"category", "", "Pens", 150},
		},
		{ // one place, whatever was sold
			{"total", "", "", 180}, {"region", "West", "", 175}, {"region_category", "West", "Toys", 130}, {"category", "", "Pens", 130},
		},
	} {
		for j, s := range day {
			anomaly := "high"
			if s.revenue < 100 {
				anomaly = "low"
			}
			p.MustQuery(t, fmt.Sprintf("INSERT INTO report_revenue_trends (report_date, position, granularity, level, region, category, period_start, period_end, orders, units, revenue, completed_revenue, expected_revenue, deviation, anomaly) "+
				"VALUES ('%[1]s', %[2]d, 'day', '%[3]s', NULLIF('%[4]s', ''), NULLIF('%[5]s', ''), '%[1]s', '%[1]s', 1, 1, %[6]d, 0, 100, 1, '%[7]s')",
				date.AddDays(i), j+1, s.level, s.region, s.category, s.revenue, anomaly))
		}
	}
	want := [][]string{
		{
			"East  <- East , low 90", "East Books <- East , low 60",
			"  <-  Toys, high 80", " Toys <-  Toys, high 70", "West  <-  Toys, high 60", "West Toys <-  Toys, high 50", "North Pens <- North Pens, high 45",
		},
		{"  <-  , low 99", "West  <-  , low 45", " Toys <-  , low 40", "West Toys <-  , low 40", " Pens <-  Pens, high 50"},
		{"  <- West , high 80", "West  <- West , high 75", "West Toys <- West , high 30", " Pens <-  Pens, high 30"},
	}
	for i := range want {
		var got []string
		for _, r := range p.Ask(t, "morning?date="+date.AddDays(i).String(), "anomalies") {
			size, _ := new(big.Rat).SetString(plain(r["difference"]))
			got = append(got, fmt.Sprintf("%s %s <- %s %s, %s %s", plain(r["region"]), plain(r["category"]), plain(r["cause_region"]), plain(r["cause_category"]), r["anomaly"], size.Abs(size).RatString()))
		}
		if diff := gocmp.Diff(want[i], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", date.AddDays(i), diff)
		}
	}
}
