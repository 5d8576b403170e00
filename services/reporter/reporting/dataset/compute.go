package dataset

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"cloud.google.com/go/civil"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// head is the part of a response that every dataset has.
type head struct {
	Period         *period `json:"period,omitempty"`
	PreviousPeriod *period `json:"previous_period,omitempty"`
	StepFrom       string  `json:"step_from,omitempty"`
	StepSeconds    int64   `json:"step_seconds,omitempty"`
	TimeZone       string  `json:"time_zone"`
	Currency       string  `json:"currency"`
	Moment         string  `json:"moment,omitempty"`
	KnownFrom      string  `json:"known_from,omitempty"`
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

// errNotFound says that the warehouse does not hold what the path names.
var errNotFound = &answer.Problem{Status: http.StatusNotFound, Code: "not_found", Message: "The ledger holds no such file."}

// errNoOrder is errNotFound of an order.
var errNoOrder = &answer.Problem{Status: http.StatusNotFound, Code: "not_found", Message: "No file has brought an order of this id."}

// errNoProduct is errNotFound of a product.
var errNoProduct = &answer.Problem{Status: http.StatusNotFound, Code: "not_found", Message: "No catalog names such a product, and nothing of it was ordered in this period."}

// errNoCustomer is errNotFound of a customer.
var errNoCustomer = &answer.Problem{Status: http.StatusNotFound, Code: "not_found", Message: "No catalog names such a customer, and no order is of one."}

// compute runs the dataset's statements and encodes their rows.
func (a *Datasets) compute(ctx context.Context, d *dataset, r request) (*answer.Answer, error) {
	asOf := a.Now()
	found, err := a.lookup(ctx, d, r)
	if err != nil {
		return nil, err
	}
	h := newHead(d, r, a.Currency, asOf)
	if d.asOf {
		if r, h.KnownFrom, err = a.reach(ctx, r, found); err != nil {
			return nil, err
		}
		h.Moment = r.moment.Format(time.RFC3339Nano)
	}
	parts := d.asked(r)
	results := make([]*query.Result, len(parts))
	lacks := d.lookup != "" && found == nil
	queries, querying := errgroup.WithContext(ctx)
	for i, p := range parts {
		if lacks {
			results[i] = &query.Result{}
			continue
		}
		queries.Go(func() (err error) {
			asked := r
			if p.before > 0 {
				asked = r.before(asOf, p.before)
			}
			params := asked.params()
			maps.Copy(params, found)
			if d.paged() {
				params["page_size"] = int64(r.limit) + 1 // tells whether there is another page
			}
			results[i], err = a.Asker.Query(querying, p.choose(asked), params)
			return err
		})
	}
	if err := queries.Wait(); err != nil {
		return nil, err
	}
	for i, p := range parts {
		if p.enrich != nil {
			p.enrich(results[i])
		}
		if p.key == rowsKey {
			h.NextPageToken = cutPage(d, r, results[i])
		}
	}
	var lists []query.Part
	for i, p := range parts {
		lists = append(lists, query.Part{Key: p.key, Result: results[i]})
	}
	for i, p := range parts {
		if p.totals {
			lists = append(lists, query.Part{Key: totalsKey, Result: results[i].TakeTotals(p.totalsBy)})
		}
	}
	body, err := query.Encode(h, lists...)
	if err != nil {
		return nil, err
	}
	return answer.New(body), nil
}

func newHead(d *dataset, r request, currency string, asOf time.Time) head {
	h := head{Currency: currency, TimeZone: r.zone.String(), AsOf: asOf.UTC().Format(time.RFC3339Nano)}
	if d.grain > 0 {
		h.Period = r.period()
	}
	for _, p := range d.asked(r) {
		if p.before > 0 {
			h.PreviousPeriod = r.before(asOf, p.before).period()
		}
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
func (a *Datasets) lookup(ctx context.Context, d *dataset, r request) (query.Params, error) {
	if d.lookup == "" {
		return nil, nil
	}
	result, err := a.Asker.Query(ctx, d.lookup, r.params())
	if err != nil {
		return nil, err
	}
	if len(result.Rows) == 0 && d.missing == nil {
		return nil, nil
	}
	if len(result.Rows) == 0 {
		return nil, d.missing
	}
	found := make(query.Params, len(result.Columns)+1)
	for i, name := range result.Columns {
		found[name] = result.Rows[0][i]
	}
	if slices.Contains(result.Columns, "landed_at") {
		// Refused records are partitioned by the day of the landing.
		found["landed_date"] = civil.DateOf(result.Timestamp(result.Rows[0], "landed_at").UTC())
	}
	return found, nil
}

// cutPage removes the row that only told of another page and returns the token
// of that page.
func cutPage(d *dataset, r request, rows *query.Result) string {
	if !d.paged() || len(rows.Rows) <= r.limit {
		return ""
	}
	rows.Rows = rows.Rows[:r.limit]
	last := rows.Rows[r.limit-1]
	if d.order.number != "" {
		return answer.Cursor{Number: rows.Number(last, d.order.number)}.String()
	}
	return answer.TimeCursor(rows.Timestamp(last, d.order.time), rows.Text(last, d.order.id)).String()
}
