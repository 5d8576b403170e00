package warehouse

import (
	"context"
	"fmt"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
)

// OtherZoneError is a TIME_ZONE that is not the warehouse's: days of two clocks cannot be compared.
type OtherZoneError struct{ Given, Warehouse calendar.Zone }

func (e *OtherZoneError) Error() string {
	return fmt.Sprintf("TIME_ZONE is %s, but the days and hours of the warehouse are those of %s: give every service TIME_ZONE=%[2]s; "+
		"or move the warehouse to %[1]s (pipelinectl provision --time-zone=%[1]s, then every file is read again: services/pipelinectl/README.md, Time zone); "+
		"or begin with an empty one", e.Given, e.Warehouse)
}

// Zone is whose days and hours the facts have. It is not known before the first orders.
func Zone(ctx context.Context, c *Client) (zone calendar.Zone, known bool, err error) {
	row, _, err := First[struct {
		TimeZone bigquery.NullString `bigquery:"time_zone"`
	}](ctx, c, "calendar/zone", nil)
	if err != nil || !row.TimeZone.Valid {
		return zone, false, err
	}
	zone, err = calendar.Load(row.TimeZone.StringVal)
	return zone, err == nil, err
}

// HasZone tells whether the facts are known to have a zone's days and hours. Those of another are an
// OtherZoneError.
func HasZone(ctx context.Context, c *Client, given calendar.Zone) (known bool, err error) {
	zone, known, err := Zone(ctx, c)
	if known && zone.String() != given.String() {
		return true, &OtherZoneError{given, zone}
	}
	return known, err
}
