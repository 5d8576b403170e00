package reporting

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"cloud.google.com/go/civil"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
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
	zone     calendar.Zone // the shop's
	timeout  time.Duration
	slots    chan struct{} // one per query that runs
	now      func() time.Time
	metrics  *metrics
	pulse    *pulse
}

// patient serves what asks the warehouse first, for as long as that may take.
func (a *answers) patient(h http.HandlerFunc) http.Handler {
	return service.Patient(a.timeout+writing, h)
}

// writing is a response's time besides its queries'.
const writing = 30 * time.Second

// head is the part of a response that every dataset has.
type head struct {
	Period         *period `json:"period,omitempty"`
	PreviousPeriod *period `json:"previous_period,omitempty"`
	StepFrom       string  `json:"step_from,omitempty"`
	StepSeconds    int64   `json:"step_seconds,omitempty"`
	TimeZone       string  `json:"time_zone"`
	Currency       string  `json:"currency"`
	AsOf           string  `json:"as_of"`
	NextPageToken  string  `json:"next_page_token,omitempty"`
}

type period struct {
	From string `json:"from"`
	To   string `json:"to"`
}

func (r request) period() *period {
	return &period{From: r.from.Format(time.RFC3339), To: r.to.Format(time.RFC3339)}
}

// errNotFound tells that the warehouse does not hold what the path names.
var errNotFound = errors.New("not found")

// compute runs the dataset's statements and encodes their rows.
func (a *answers) compute(ctx context.Context, d *dataset, r request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	asOf := a.now()
	found, err := a.lookup(ctx, d, r)
	if err != nil {
		return nil, err
	}
	h := newHead(d, r, a.currency, asOf)
	results := make([]*Result, len(d.parts))
	queries, querying := errgroup.WithContext(ctx)
	for i, p := range d.parts {
		queries.Go(func() (err error) {
			asked := r
			if p.before {
				asked = r.before(asOf)
			}
			params := asked.params()
			maps.Copy(params, found)
			if d.paged() {
				params["page_size"] = int64(r.limit) + 1 // tells whether there is another page
			}
			results[i], err = a.query(querying, p.choose(r), params)
			return err
		})
	}
	if err := queries.Wait(); err != nil {
		return nil, err
	}
	for i, p := range d.parts {
		if p.enrich != nil {
			p.enrich(results[i])
		}
		if p.key == rowsKey {
			h.NextPageToken = cutPage(d, r, results[i])
		}
	}
	parts := d.parts
	for i, p := range d.parts {
		if p.totals {
			parts = append(slices.Clone(parts), part{key: totalsKey, statement: p.statement})
			results = append(results, results[i].takeTotals(p.totalsBy))
		}
	}
	return encode(h, parts, results)
}

func newHead(d *dataset, r request, currency string, asOf time.Time) head {
	h := head{Currency: currency, TimeZone: r.zone.String(), AsOf: asOf.UTC().Format(time.RFC3339Nano)}
	if d.grain > 0 {
		h.Period = r.period()
	}
	if slices.ContainsFunc(d.parts, func(p part) bool { return p.before }) {
		h.PreviousPeriod = r.before(asOf).period()
	}
	if slices.Contains(d.filters, "step") {
		h.StepFrom, h.StepSeconds = r.firstStep().Format(time.RFC3339), int64(r.step()/time.Second)
	}
	return h
}

// choose is the statement that answers the request.
func (p part) choose(r request) string {
	if p.instead != nil {
		if other := p.instead(r); other != "" {
			return other
		}
	}
	return p.statement
}

// lookup finds the row that the path names and gives its columns as parameters.
func (a *answers) lookup(ctx context.Context, d *dataset, r request) (Params, error) {
	if d.lookup == "" {
		return nil, nil
	}
	result, err := a.query(ctx, d.lookup, r.params())
	if err != nil {
		return nil, err
	}
	if len(result.Rows) == 0 {
		return nil, errNotFound
	}
	found := make(Params, len(result.Columns)+1)
	for i, name := range result.Columns {
		found[name] = result.Rows[0][i]
	}
	// Refused records are partitioned by the day of the landing.
	found["landed_date"] = civil.DateOf(result.timestamp(result.Rows[0], "landed_at").UTC())
	return found, nil
}

// query runs one statement when a slot is free.
func (a *answers) query(ctx context.Context, statement string, params Params) (*Result, error) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free query slot: %w", ctx.Err())
	}
	started, outcome := a.now(), a.pulse.ask()
	result, err := a.source.Query(ctx, statement, params)
	outcome(err)
	a.metrics.queried(ctx, statement, a.now().Sub(started), err)
	return result, err
}

// cutPage removes the row that only told of another page and returns the token
// of that page.
func cutPage(d *dataset, r request, rows *Result) string {
	if !d.paged() || len(rows.Rows) <= r.limit {
		return ""
	}
	rows.Rows = rows.Rows[:r.limit]
	last := rows.Rows[r.limit-1]
	if d.order.number != "" {
		return cursor{number: rows.number(last, d.order.number)}.String()
	}
	return timeCursor(rows.timestamp(last, d.order.time), rows.text(last, d.order.id)).String()
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
	return newAnswer(body.Bytes()), nil
}

func newAnswer(body []byte) *answer {
	sum := sha256.Sum256(body)
	return &answer{body: body, etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
}
