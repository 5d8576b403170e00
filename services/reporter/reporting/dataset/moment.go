package dataset

import (
	"context"
	"net/url"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// asOfOrders is the path of the orders that were otherwise at an earlier moment.
const asOfOrders = "as-of/orders"

// pastFacts is the table of what the facts have shown before. Nothing is known of before it was made.
const pastFacts = "fact_orders_history"

// readMoment reads the moment of a dataset that is of an earlier one: without one, the beginning of the day, when
// it was known how the day before had been.
func (p parser) readMoment(r *request, d *dataset, values url.Values) *answer.Problem {
	if !d.asOf {
		return nil
	}
	if !values.Has("moment") {
		r.moment, r.anyMoment = p.zone.Start(p.zone.Date(p.now)), true
		return nil
	}
	at, fault := parseMoment(values.Get("moment"), p.zone)
	if fault != nil {
		return fault
	}
	if at.After(p.now) {
		return answer.Invalid("moment", "moment must not lie ahead; it is %s now.", onClock(p.now, p.zone))
	}
	r.moment = at.Truncate(time.Microsecond)
	return nil
}

// parseMoment reads an RFC 3339 time, a time of the shop's clock, or a day of it, which stands for its end.
func parseMoment(text string, zone calendar.Zone) (time.Time, *answer.Problem) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		wall, err := time.Parse(layout, text)
		if err != nil || !readable(wall) {
			continue
		}
		return time.Unix(wall.Unix()-zone.OffsetOf(wall.Unix()), 0).UTC(), nil
	}
	at, fault := parseInstant("moment", text, zone.End)
	if fault != nil {
		return at, answer.Invalid("moment", "moment must be a time such as 2026-11-01T12:00 (of the shop's clock) or 2026-11-01T12:00:00Z in the years 1900 to 9998, or a date such as 2026-11-01, which stands for its end.")
	}
	return at, nil
}

// reach is since when it is known what the facts have shown. A moment before that is refused if it was asked for; if none was,
// the request is for the first that is known.
func (a *Datasets) reach(ctx context.Context, r request, found query.Params) (request, string, error) {
	first, loaded := found["first_load_at"].(time.Time)
	if !loaded {
		return r, "", &answer.Problem{Code: "unknown_moment", Parameter: "moment", Message: "Nothing has been loaded yet, so that there was nothing to report at any moment."}
	}
	known, err := a.Asker.Created(ctx, pastFacts)
	if err != nil {
		return r, "", err
	}
	why := "Earlier releases have not kept what they replaced"
	if known.Before(first) {
		known, why = first, "The first file was loaded then"
	}
	switch {
	case !r.moment.Before(known):
	case r.anyMoment:
		r.moment = known.UTC()
	default:
		return r, "", &answer.Problem{Code: "unknown_moment", Parameter: "moment", Message: why + ": nothing is known of moments before " + onClock(known, r.zone) + "."}
	}
	return r, known.UTC().Format(time.RFC3339Nano), nil
}

// onClock is an instant as the shop's clock shows it.
func onClock(t time.Time, zone calendar.Zone) string {
	local := t.In(zone.Location())
	return civil.DateOf(local).String() + " " + local.Format("15:04:05") + " (" + zone.String() + ")"
}

// changesAlone tells that of the facts those alone need be read that were written since the moment. A catalog that
// has named a product or a customer since has changed the category or the tier of others.
func (r request) changesAlone() bool {
	return r.path == asOfOrders && !r.filters.category.given && !r.filters.tier.given
}
