package reporting

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// answer is an encoded response.
type answer struct {
	body []byte
	etag string
}

// answers computes what datasets say.
type answers struct {
	source   Source
	currency string
	timeout  time.Duration
	slots    chan struct{} // one per query that runs
	now      func() time.Time
	metrics  *metrics
}

// head is the part of a response that every dataset has.
type head struct {
	Period        period `json:"period"`
	Currency      string `json:"currency"`
	AsOf          string `json:"as_of"`
	NextPageToken string `json:"next_page_token,omitempty"`
}

type period struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// compute runs the dataset's statements and encodes their rows.
func (a *answers) compute(ctx context.Context, d *dataset, r request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	asOf := a.now()
	params := r.params()
	if d.pageID != "" {
		params["page_size"] = int64(r.limit) + 1 // tells whether there is another page
	}
	results := make([]*Result, len(d.parts))
	queries, querying := errgroup.WithContext(ctx)
	for i, p := range d.parts {
		queries.Go(func() (err error) {
			results[i], err = a.query(querying, p.statement, params)
			return err
		})
	}
	if err := queries.Wait(); err != nil {
		return nil, err
	}
	h := head{
		Period:   period{From: r.from.Format(time.RFC3339), To: r.to.Format(time.RFC3339)},
		Currency: a.currency,
		AsOf:     asOf.UTC().Format(time.RFC3339Nano),
	}
	for i, p := range d.parts {
		if p.enrich != nil {
			p.enrich(results[i])
		}
		if p.key == rowsKey {
			h.NextPageToken = cutPage(d, r, results[i])
		}
	}
	return encode(h, d.parts, results)
}

// query runs one statement when a slot is free.
func (a *answers) query(ctx context.Context, statement string, params Params) (*Result, error) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free query slot: %w", ctx.Err())
	}
	started := a.now()
	result, err := a.source.Query(ctx, statement, params)
	a.metrics.queried(ctx, statement, a.now().Sub(started), err)
	return result, err
}

// cutPage removes the row that only told of another page and returns the token
// of that page.
func cutPage(d *dataset, r request, rows *Result) string {
	if d.pageID == "" || len(rows.Rows) <= r.limit {
		return ""
	}
	rows.Rows = rows.Rows[:r.limit]
	last := rows.Rows[r.limit-1]
	return cursor{time: rows.timestamp(last, d.pageTime), id: rows.text(last, d.pageID)}.String()
}

func encode(h head, parts []part, results []*Result) (*answer, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode the answer's head: %w", err)
	}
	var body bytes.Buffer
	body.Write(text[:len(text)-1]) // its closing brace comes last
	for i, p := range parts {
		fmt.Fprintf(&body, ",%q:", p.key)
		if err := appendRows(&body, results[i]); err != nil {
			return nil, fmt.Errorf("encode %s: %w", p.statement, err)
		}
	}
	body.WriteString("}\n")
	sum := sha256.Sum256(body.Bytes())
	return &answer{body: body.Bytes(), etag: `"` + hex.EncodeToString(sum[:12]) + `"`}, nil
}
