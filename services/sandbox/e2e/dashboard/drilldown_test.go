package dashboard

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestReporterDrillDown follows a finding to its file, its record and its bytes.
func TestReporterDrillDown(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, topology.Reporter)
	now := time.Now().UTC().Truncate(time.Second)
	landed := now.Add(-2 * time.Second)
	p.Insert(t, "file_ledger", harness.LedgerRow("file-a", "orders/"+hostileName, now, 2*time.Second))
	p.Insert(t, "file_ledger", harness.LedgerRow("file-b", "orders/Plain.json", now.Add(-time.Minute), 400*time.Millisecond))
	bytes := append([]byte("{\"order_id\": \xff "), hostileName...)
	for i := range 3 {
		for range 2 { // appended twice
			p.Insert(t, "rejected_records", []harness.Column{
				{"file_id", "file-a"}, {"parse_id", "parse-file-a"}, {"record_index", i}, {"kind", "orders"}, {"landing_name", "landing/orders/" + hostileName},
				{"byte_offset", 100 * i}, {"byte_length", len(bytes)}, {"payload", bytes}, {"sha256", "abc"}, {"rule", "invalid_utf8"}, {"field_path", "order_id"},
				{"message", hostileName}, {"parser_version", "1"}, {"rejected_at", now}, {"landed_at", landed}, {"landed_date", civil.DateOf(landed)},
			})
		}
		p.Insert(t, "data_quality_checks", []harness.Column{
			{"check_id", fmt.Sprintf("check-%d", i)}, {"check_timestamp", now}, {"check_type", "invalid_utf8"}, {"severity", "error"},
			{"file_id", "file-a"}, {"record_index", i}, {"issue_description", hostileName},
		})
	}

	file := p.Ask(t, "files/file-a", "rows")
	if len(file) != 1 || file[0]["landing_name"] != "landing/orders/"+hostileName || file[0]["claimed_at"] != landed.Add(500*time.Millisecond).Format(time.RFC3339Nano) {
		t.Errorf("file %v", file)
	}
	rules := p.Ask(t, "files/file-a", "rules")
	if len(rules) != 1 || rules[0]["findings"] != 3.0 || rules[0]["first_record_index"] != 0.0 || rules[0]["remedy"] == nil {
		t.Errorf("rules of the file %v", rules)
	}
	if history := p.Ask(t, "files/file-a", "history"); len(history) != 0 {
		t.Errorf("history %v", history)
	}

	var indices []any
	for token, page := "", 0; page == 0 || token != ""; page++ {
		var answer struct {
			Rows          []harness.JsonRow `json:"rows"`
			NextPageToken string            `json:"next_page_token"`
		}
		path := "files/file-a/refused?limit=2"
		if token != "" {
			path += "&page_token=" + token
		}
		p.AskInto(t, path, &answer)
		for _, r := range answer.Rows {
			indices = append(indices, r["record_index"])
		}
		token = answer.NextPageToken
	}
	if diff := cmp.Diff([]any{0.0, 1.0, 2.0}, indices); diff != "" {
		t.Errorf("refused records (-want +got):\n%s", diff)
	}

	record := p.Ask(t, "files/file-a/records/1", "rows")
	want := []harness.JsonRow{{
		"record_index": 1.0, "rule": "invalid_utf8", "field_path": "order_id", "message": hostileName, "byte_offset": 100.0, "byte_length": float64(len(bytes)),
		"sha256": "abc", "parser_version": "1", "rejected_at": now.Format(time.RFC3339), "payload": base64.StdEncoding.EncodeToString(bytes), "payload_bytes": float64(len(bytes)),
		"faults": nil, "fault_count": nil, // as an earlier release wrote it
	}}
	if diff := cmp.Diff(want, record); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if findings := p.Ask(t, "files/file-a/records/1", "findings"); len(findings) != 1 || findings[0]["check_id"] != "check-1" || findings[0]["meaning"] == nil {
		t.Errorf("findings of the record %v", findings)
	}
	if record := p.Ask(t, "files/file-a/records/7", "rows"); len(record) != 0 {
		t.Errorf("a record that was not refused: %v", record)
	}
	for _, path := range []string{"files/nothing", "files/nothing/refused", "files/nothing/records/0"} {
		resp := p.Open(t, path)
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, resp.StatusCode)
		}
	}

	for query, want := range map[string]int{
		"search=plain": 1, "search=file-a": 1, "search=file": 0, "search=%25": 0, "kind=orders": 2, "kind=products": 0, "verdict=loaded&search=.JSON": 1, "verdict=quarantined": 0,
	} {
		if rows := p.Ask(t, "files?"+query, "rows"); len(rows) != want {
			t.Errorf("files?%s: %d rows, want %d", query, len(rows), want)
		}
	}
	for query, want := range map[string]int{"file=file-a": 3, "file=file-b": 0, "rule=invalid_utf8": 3, "severity=warning": 0} {
		if rows := p.Ask(t, "quality?"+query, "rows"); len(rows) != want {
			t.Errorf("quality?%s: %d rows, want %d", query, len(rows), want)
		}
	}
	for file, want := range map[string]int{"file-a": 1, "file-b": 0} {
		for _, key := range []string{"rules", "timeline"} {
			if rows := p.Ask(t, "quality?file="+file, key); len(rows) != want {
				t.Errorf("%s of %s: %v, want %d", key, file, rows, want)
			}
		}
	}
	timeline := p.Ask(t, "quality?step=minute", "timeline")
	if diff := cmp.Diff([]harness.JsonRow{{
		"step": now.Truncate(time.Minute).Format(time.RFC3339), "check_type": "invalid_utf8", "severity": "error", "findings": 3.0,
	}}, timeline); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}

	system := p.Ask(t, "system", "rows")
	if len(system) != 1 || system[0]["files"] != 2.0 || system[0]["records"] != 8.0 || system[0]["lines"] != 6.0 {
		t.Errorf("totals %v", system)
	}
	if diff := cmp.Diff([]harness.JsonRow{
		{"stage": "claim", "files": 2.0, "p50_ms": 100.0, "p99_ms": 500.0, "max_ms": 500.0},
		{"stage": "parse", "files": 2.0, "p50_ms": 100.0, "p99_ms": 500.0, "max_ms": 500.0},
		{"stage": "load", "files": 2.0, "p50_ms": 200.0, "p99_ms": 1000.0, "max_ms": 1000.0},
		{"stage": "whole", "files": 2.0, "p50_ms": 400.0, "p99_ms": 2000.0, "max_ms": 2000.0},
	}, p.Ask(t, "system", "lags")); diff != "" {
		t.Errorf("lags (-want +got):\n%s", diff)
	}
	passed := map[any]float64{}
	for _, r := range p.Ask(t, "system", "throughput") {
		passed[r["stage"]] += r["records"].(float64)
	}
	if diff := cmp.Diff(map[any]float64{"landed": 8, "claimed": 8, "parsed": 8, "loaded": 8}, passed); diff != "" {
		t.Errorf("throughput (-want +got):\n%s", diff)
	}
	states := map[any]any{}
	for _, service := range p.Ask(t, "services", "rows") {
		states[service["service"]] = service["state"]
	}
	if diff := cmp.Diff(map[any]any{topology.Reporter: "ready", "bigquery": "ready"}, states); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}
