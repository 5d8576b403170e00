package orders

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestPlantedVersions damages the history and the keys in every way that a check of them is
// for, and expects it and the comparison with the model to find each.
func TestPlantedVersions(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	files.Add(t, p, "orders/a.json", []byte(harness.Version("o-1", 1, 1, "10.00", "pending")+harness.Version("o-2", 1, 3, "5.00", "completed")+harness.Version("o-3", 1, 1, "1.00", "pending")))
	p.AwaitFiles(t, 1)
	files.Add(t, p, "orders/b.json", []byte(harness.Version("o-1", 2, 2, "10.00", "completed")+harness.Version("o-2", 1, 2, "4.00", "pending")+harness.Version("o-3", 1, 2, "2.00", "completed")))
	p.AwaitFiles(t, 2)
	files.Add(t, p, "orders/c.json", []byte(harness.Version("o-1", 2, 4, "10.00", "refunded")))
	p.AwaitFiles(t, 3)
	harness.VerifyAll(t, p, files.Sources)

	const model = "order_history_equals_model"
	const aVersion = " WHERE order_id = 'o-1' AND outcome = 'superseded' AND is_update"
	content := func(old, replacement string) string {
		return "UPDATE order_history SET content = PARSE_JSON(REPLACE(TO_JSON_STRING(content), '" + old + "', '" + replacement + "'))" + aVersion
	}
	for _, table := range []string{"order_history", "order_keys"} {
		p.MustQuery(t, "CREATE TABLE kept_"+table+" AS SELECT * FROM "+table)
	}
	for _, tt := range []struct {
		name, plant string
		finds       []string // the checks
	}{
		{"deleted", "DELETE FROM order_history" + aVersion, []string{"facts_in_ledger", "versions_in_ledger", model}},
		{"stale one deleted", "DELETE FROM order_history WHERE outcome = 'stale'", []string{model}},
		{"twice", "INSERT INTO order_history SELECT * FROM order_history" + aVersion, []string{"order_history", "facts_in_ledger", model}},
		{"of no order", "UPDATE order_history SET order_id = 'o-9'" + aVersion, []string{"order_history", model}},
		{"superseded told as stale", "UPDATE order_history SET outcome = 'stale'" + aVersion, []string{"facts_in_ledger", "versions_in_ledger", model}},
		{"stale told as superseded", "UPDATE order_history SET outcome = 'superseded' WHERE outcome = 'stale'", []string{"facts_in_ledger", model}},
		{"another outcome", "UPDATE order_history SET outcome = 'current'" + aVersion, []string{"order_history", model}},
		{"replaced before it came", "UPDATE order_history SET valid_to = TIMESTAMP_SUB(valid_from, INTERVAL 1 SECOND)" + aVersion, []string{"order_history"}},
		{"another day", "UPDATE order_history SET order_date = DATE_ADD(order_date, INTERVAL 1 DAY)" + aVersion, []string{"order_history", model}},
		{"another moment", "UPDATE order_history SET updated_at = TIMESTAMP_ADD(updated_at, INTERVAL 1 SECOND)" + aVersion, []string{"order_history", model}},
		{"no moment", "UPDATE order_history SET updated_at = NULL" + aVersion, []string{"order_history", model}},
		{"more lines", "UPDATE order_history SET lines = lines + 1" + aVersion, []string{"order_history", "facts_in_ledger", model}},
		{"no update", "UPDATE order_history SET is_update = FALSE" + aVersion, []string{"versions_in_ledger", model}},
		{"another hash", "UPDATE order_history SET content_hash = 'x'" + aVersion, []string{"order_history_content"}},
		{"another total", content(`"total_amount":"10"`, `"total_amount":"11"`), []string{"order_history_content", model}},
		{"another status", content(`"payment_status":"completed"`, `"payment_status":"failed"`), []string{"order_history_content", model}},
		{"another customer", content("C-1", "C-2"), []string{"order_history_content", model}},
		{"another hour", content("T11:00:00", "T12:00:00"), []string{"order_history_content", model}},
		{"another price", content(`"unit_price":"10"`, `"unit_price":"11"`), []string{"order_history_content"}},
		{"another address", content("New York", "Albany"), []string{"order_history_content"}},
		{"another version's key", "UPDATE order_keys SET updated_at = TIMESTAMP_ADD(updated_at, INTERVAL 1 SECOND) WHERE order_id = 'o-1'", []string{"order_keys"}},
		{"a key that was no update", "UPDATE order_keys SET is_update = FALSE WHERE order_id = 'o-1'", []string{"versions_in_ledger"}},
	} {
		p.MustQuery(t, tt.plant)
		found := p.Violations(t, files.Sources)
		for _, check := range tt.finds {
			if !found[check] {
				t.Errorf("%s: %s finds nothing", tt.name, check)
			}
		}
		for _, table := range []string{"order_history", "order_keys"} {
			p.MustQuery(t, "DELETE FROM "+table+" WHERE TRUE")
			p.MustQuery(t, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
		}
	}
	harness.VerifyAll(t, p, files.Sources)
}
