package harness

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// HostileName tries HTML, quotes of three kinds, SQL, right-to-left text, an emoji
// and control characters.
const HostileName = "<img src=x onerror=alert(1)>&\"'`; DROP TABLE fact_orders; -- @from_date שלום 🎉 \u202e\u2028\n\\"

// LedgerRow is the ledger's row of a loaded file.
func LedgerRow(id, name string, loadedAt time.Time, took time.Duration) []Column {
	landed := loadedAt.Add(-took)
	return []Column{
		{"file_id", id}, {"parse_id", "parse-" + id}, {"revision", 1}, {"kind", "orders"}, {"landing_name", "landing/" + name},
		{"bytes", 10}, {"records", 4}, {"loaded", 2}, {"lines", 3}, {"duplicates", 1}, {"rejected", 1}, {"held", 0}, {"verdict", "loaded"},
		{"landed_at", landed}, {"claimed_at", landed.Add(took / 4)}, {"parsed_at", landed.Add(took / 2)}, {"loaded_at", loadedAt},
	}
}

// Insert adds a row with values as parameters.
func (p *Pipeline) Insert(t *testing.T, table string, row []Column) {
	t.Helper()
	var names, values []string
	q := p.Bigquery.Query("")
	q.DefaultDatasetID = p.Endpoints.Dataset
	for _, c := range row {
		names, values = append(names, "`"+c.Name+"`"), append(values, "@"+c.Name)
		q.Parameters = append(q.Parameters, bigquery.QueryParameter{Name: c.Name, Value: c.Value})
	}
	q.Q = "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
	if _, err := q.Read(t.Context()); err != nil {
		t.Fatalf("insert into %s: %v", table, err)
	}
}

// Ask returns one list of the API's answer.
func (p *Pipeline) Ask(t *testing.T, path, key string) []JsonRow {
	t.Helper()
	answer := map[string]json.RawMessage{}
	p.AskInto(t, path, &answer)
	var list []JsonRow
	if err := json.Unmarshal(answer[key], &list); err != nil {
		t.Fatalf("%s: %v in %s", path, err, answer)
	}
	return list
}

func (p *Pipeline) AskInto(t *testing.T, path string, answer any) {
	t.Helper()
	resp := p.Open(t, path)
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v, %v", path, resp.StatusCode, err, answer)
	}
}

func (p *Pipeline) Open(t *testing.T, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.Dashboard+"/api/v1/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// OpenEvents returns the data of the refreshes to come.
func (p *Pipeline) OpenEvents(t *testing.T) <-chan string {
	t.Helper()
	resp := p.Open(t, "events")
	t.Cleanup(func() { resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != "event: hello" {
	}
	refreshes := make(chan string, 16)
	go func() {
		defer close(refreshes)
		for refresh := false; lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && refresh {
				refreshes <- data
			}
			if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				refresh = event == "refresh"
			}
		}
	}()
	return refreshes
}

// Complete publishes what the aggregator publishes when a file is done.
func (p *Pipeline) Complete(t *testing.T, fileID string) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	publisher := messaging.NewPublisher(client, topology.TopicFilesCompleted)
	defer publisher.Stop()
	if err := publisher.PublishSync(t.Context(), &pipelinev1.FileCompleted{
		File:    &pipelinev1.LandedFile{FileId: fileID, LandedAt: timestamppb.Now()},
		Verdict: pipelinev1.Verdict_VERDICT_LOADED, LoadedAt: timestamppb.Now(),
	}, map[string]string{topology.AttrFileID: fileID}); err != nil {
		t.Fatal(err)
	}
}
