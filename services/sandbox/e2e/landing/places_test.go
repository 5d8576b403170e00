package landing

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// spelt is where an order goes, as its source spells it, and what must come of it.
type spelt struct {
	state, country string
	region         string
	known          bool
	code, name     string // of the state and the country on the dashboard
}

// readPlaces reads testdata/places.txt.
func readPlaces(t *testing.T) []spelt {
	t.Helper()
	text, err := os.ReadFile("testdata/places.txt")
	if err != nil {
		t.Fatal(err)
	}
	var places []spelt
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(f) != 6 {
			t.Fatalf("%q has %d fields", line, len(f))
		}
		places = append(places, spelt{f[0], f[1], f[2], f[3] == "known", f[4], f[5]})
	}
	return places
}

// TestPlaces loads orders to places as people and shops spell them, and follows each to the facts, the
// findings, the hours and the dashboard.
func TestPlaces(t *testing.T) {
	t.Parallel()
	places := readPlaces(t)
	if len(places) < 150 {
		t.Fatalf("only %d spellings", len(places))
	}
	var orders strings.Builder
	var want, findings string
	dashboard := make(map[string]int)
	for i, place := range places {
		address, err := json.Marshal(map[string]string{"city": "X", "state": place.state, "country": place.country})
		if err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprintf("o-%04d", i)
		fmt.Fprintf(&orders, `{"order_id":%q,"customer_id":null,"order_timestamp":"2026-11-01T11:00:00Z","items":[{"product_id":null,"quantity":1,"unit_price":1}],`+
			`"total_amount":1,"payment_status":"completed","shipping_address":%s}`+"\n", id, address)
		want += fmt.Sprintf("%s|%s|%s|%s\n", id, orNull(place.state), orNull(place.country), place.region)
		if !place.known {
			findings += fmt.Sprintf("%s|info|%d\n", id, i)
		}
		if place.code != "" || place.name != "" {
			dashboard["state/"+place.name+"/"+place.code]++
		}
		if place.name != "" {
			dashboard["country/"+place.name+"/"]++
		}
		dashboard["region/"+place.region]++
	}
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["MAX_FINDINGS_PER_RULE"] = fmt.Sprint(len(places))
	p := harness.StartWith(t, config)
	p.Policy.MaxFindings = int64(len(places))
	var files harness.Landed
	files.Add(t, p, "orders/places.json", []byte(orders.String()))
	p.AwaitFiles(t, 1)
	p.Check(t, "facts", "SELECT order_id, state, country, region FROM fact_orders ORDER BY 1", want)
	p.Check(t, "findings", "SELECT order_id, severity, record_index FROM data_quality_checks WHERE check_type = 'unknown_place' ORDER BY 1", findings)
	p.Check(t, "hour", "SELECT total_orders, total_revenue FROM agg_hourly_metrics", fmt.Sprintf("%d|%d\n", len(places), len(places)))
	shown := make(map[string]int)
	for _, row := range p.Ask(t, "geography?limit=1000&from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z", "rows") {
		place := fmt.Sprintf("%v/%v/%v", row["level"], textOr(row["country"]), textOr(row["state"]))
		if row["level"] == "region" {
			place = fmt.Sprintf("region/%v", row["region"])
		}
		var n int
		if _, err := fmt.Sscan(fmt.Sprint(row["orders"]), &n); err != nil {
			t.Fatal(err)
		}
		shown[place] += n
	}
	if diff := cmp.Diff(dashboard, shown); diff != "" {
		t.Errorf("orders by place on the dashboard (-want +got):\n%s", diff)
	}
	harness.VerifyAll(t, p, files.Sources)

	// A shop teaches its own spelling, which a release of the table leaves alone.
	p.MustQuery(t, "INSERT INTO ref_places (spelling, country_code, state_code, name) VALUES ('ATLANTIS', 'GR', NULL, 'Greece')")
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/places.json"))
	p.Check(t, "taught", "SELECT DISTINCT region FROM fact_orders WHERE country = 'Atlantis'", "Greece\n")
}

func orNull(text string) string {
	if text == "" {
		return "NULL"
	}
	return text
}

func textOr(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}
