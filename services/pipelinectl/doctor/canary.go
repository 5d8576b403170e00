package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

// canaryRecord is the canary's content: one record that lacks all that an
// order has, and that no reader takes for an accident.
const canaryRecord = `{"canary of pipelinectl doctor": "this record is refused on purpose"}` + "\n"

// canary lands a file of one record that is no order. It passes every service (watcher,
// parser, writer by its refused record, aggregator, watcher again) and ends in
// quarantine as mostly_refused (in archive/, if REJECT_FILE_SHARE is 1), so that it
// adds no order to any fact, metric or report. An order that is valid would, an
// empty file would not pass the writer, and a catalog could make products inactive.
// It leaves one row each in file_ledger and rejected_records, findings, and an
// object that expires with the others.
func (e *examiner) canary(ctx context.Context) {
	const check = "canary"
	if !e.needs(check, apiStorage, apiBigQuery, "bucket "+e.cfg.Bucket, "table file_ledger", "table rejected_records") {
		return
	}
	landed := e.opts.Now().UTC()
	name := upload.LandingName("orders", "doctor-canary-"+landed.Format("20060102T150405.000Z")+".json")
	bucket := e.storage.Bucket(e.cfg.Bucket)
	generation, err := upload.Copy(ctx, bucket, name, strings.NewReader(canaryRecord))
	if err != nil {
		e.add(check, Fail, err.Error(), remedyOf(err, "storage.googleapis.com"))
		return
	}
	id := identity.FileID(e.cfg.Bucket, name, generation)
	f := follower{examiner: e, bucket: bucket, name: name, id: id, landed: landed}
	following, cancel := context.WithTimeout(ctx, e.opts.CanaryTimeout)
	defer cancel()
	for _, leg := range f.legs() {
		if err := await(following, leg.arrived); err != nil {
			e.add(check, Fail, fmt.Sprintf("%s: not %s within %s: %v", name, leg.what, e.opts.CanaryTimeout, err), leg.remedy)
			return
		}
	}
	e.ok(check, fmt.Sprintf("%s was refused, accounted for and put away in %s; it added 0 orders", name, e.opts.Now().Sub(landed).Round(100*time.Millisecond)))
}

// follower knows where the canary should be seen.
type follower struct {
	*examiner
	bucket   *storage.BucketHandle
	name, id string
	landed   time.Time
}

// leg is a part of the way, and what to look at if the canary does not get past it.
type leg struct {
	what, remedy string
	arrived      func(context.Context) (bool, error)
}

func (f follower) legs() []leg {
	const kind = pipelinev1.FileKind_FILE_KIND_ORDERS
	staging := topology.StagingName(kind, f.id, f.name)
	return []leg{
		{"claimed", "The watcher does not claim it: look at its log, at the notification, and at the backlog of landing-notifications.watcher.", func(ctx context.Context) (bool, error) {
			there, err := f.exists(ctx, f.name)
			return !there && err == nil, err
		}},
		{"read", "The parser does not read it: look at its log and at the backlog of files-landed.parser.", func(ctx context.Context) (bool, error) {
			attrs, err := f.bucket.Object(staging).Attrs(ctx)
			if errors.Is(err, storage.ErrObjectNotExist) {
				return true, nil // it is further on
			}
			return err == nil && claim.IsParsed(attrs), err
		}},
		{"appended", "The writer does not append its record: look at its log and at the backlog of records-rejected.writer.", func(ctx context.Context) (bool, error) {
			found, _, err := warehouse.First[struct{ Refused int64 }](ctx, f.statements(), "doctor/canary_refused", warehouse.Params{
				"file_id": f.id,
				// The day before too: the file's day is told by another clock.
				"from_date": civil.DateOf(f.landed).AddDays(-1),
			})
			return found.Refused > 0, err
		}},
		{"in the ledger", "The aggregator does not account for it: look at its log, at the backlog of files-parsed.aggregator and at TRANSACTION_INTERVAL.", f.inLedger},
		{"put away", "The watcher does not put it away: look at its log and at the backlog of files-completed.watcher.", func(ctx context.Context) (bool, error) {
			there, err := f.exists(ctx, staging)
			return !there && err == nil, err
		}},
	}
}

func (f follower) exists(ctx context.Context, name string) (bool, error) {
	_, err := f.bucket.Object(name).Attrs(ctx)
	if errors.Is(err, storage.ErrObjectNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (f follower) inLedger(ctx context.Context) (bool, error) {
	_, known, err := warehouse.First[struct{}](ctx, f.statements(), "doctor/canary_ledger", warehouse.Params{"file_id": f.id})
	return known, err
}

// await polls until arrived says so, and gives the last error if it never does.
func await(ctx context.Context, arrived func(context.Context) (bool, error)) error {
	const poll = 500 * time.Millisecond
	ticks := time.NewTicker(poll)
	defer ticks.Stop()
	var last error
	for {
		ok, err := arrived(ctx)
		if ok {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			last = err
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return errors.Join(last, ctx.Err())
		}
	}
}
