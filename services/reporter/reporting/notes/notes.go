// Package notes serves what people have written for the dashboard: annotations, which say what happened on some
// days, and goals, which say what is to be reached. Package notes of pipelinectl writes them.
//
// Both tables are short and change seldom, and nobody tells the reporter when they do. When a table last changed is not
// billed: the statements run only when it has, and all that there is is kept.
package notes

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"cloud.google.com/go/civil"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// Path is where annotations and goals are.
const Path = answer.Root + "notes"

const (
	most      = 5000 // rows of a table that are read, the newest days first
	keepFor   = time.Hour
	keepBytes = 4 << 20 // of encoded answers
)

// Notes serves annotations and goals. Safe for concurrent use.
type Notes struct {
	Asker    *query.Asker
	Currency string        // of the amounts
	Zone     calendar.Zone // the shop's
	Timeout  time.Duration // of an answer's queries
	Counter  answer.Counter
	Now      func() time.Time
	Log      *slog.Logger

	reads singleflight.Group
	mu    sync.Mutex
	known *Known // what was read last
	until time.Time
}

// Version changes with each annotation and goal that is written or removed: when their tables last changed, in milliseconds since 1970.
type Version struct{ annotations, goals int64 }

// request is what a client asks, checked. It is comparable and serves as a key.
type request struct {
	from, to civil.Date
	version  Version
}

// Register adds the route.
func (n *Notes) Register(routes *service.Routes) {
	(&answer.Endpoint[request]{
		Name: "notes",
		Parse: func(r *http.Request) (asked request, err error) {
			asked, fault := parse(r.URL.RawQuery)
			if fault != nil {
				return request{}, fault
			}
			asked.version, err = n.Version(r.Context())
			return asked, err
		},
		Compute: n.answer, Timeout: n.Timeout, Cache: answer.NewCache[request](keepFor, keepBytes, n.Now), Counter: n.Counter, Log: n.Log,
	}).Register(routes, Path)
}

// parse reads the days of a request; without them it is about all.
func parse(rawQuery string) (request, *answer.Problem) {
	asked := request{from: civil.Date{Year: 1, Month: 1, Day: 1}, to: civil.DateOf(answer.EndOfTime)}
	values, fault := answer.ParseQuery(rawQuery, "from", "to")
	if fault != nil {
		return request{}, fault
	}
	for name, day := range map[string]*civil.Date{"from": &asked.from, "to": &asked.to} {
		if !values.Has(name) {
			continue
		}
		date, err := civil.ParseDate(values.Get(name))
		if err != nil || date.Year < 1 {
			return request{}, answer.Invalid(name, "%s must be a date such as 2026-11-01.", name)
		}
		*day = date
	}
	if asked.to.Before(asked.from) {
		return request{}, answer.Invalid("from", "from must not lie behind to.")
	}
	return asked, nil
}

func (n *Notes) answer(ctx context.Context, asked request) (*answer.Answer, error) {
	known, err := n.at(ctx, asked.version)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(struct {
		AsOf        string       `json:"as_of"`
		Currency    string       `json:"currency"`
		TimeZone    string       `json:"time_zone"`
		Annotations []Annotation `json:"annotations"`
		Goals       []Goal       `json:"goals"`
	}{n.Now().UTC().Format(time.RFC3339Nano), n.Currency, n.Zone.String(), known.Annotations(asked.from, asked.to), known.Goals(asked.from, asked.to)})
	if err != nil {
		return nil, err
	}
	return answer.New(append(body, '\n')), nil
}

// Version asks when the tables last changed, which is not billed.
func (n *Notes) Version(ctx context.Context) (v Version, err error) {
	ctx, cancel := context.WithTimeout(ctx, n.Timeout)
	defer cancel()
	asking, ctx := errgroup.WithContext(ctx)
	for table, into := range map[string]*int64{"dashboard_annotations": &v.annotations, "dashboard_goals": &v.goals} {
		asking.Go(func() error {
			modified, err := n.Asker.Modified(ctx, table)
			*into = modified.UnixMilli()
			return err
		})
	}
	return v, asking.Wait()
}

// Known is all that is written, at least as new as of when it is asked for.
func (n *Notes) Known(ctx context.Context) (*Known, error) {
	version, err := n.Version(ctx)
	if err != nil {
		return nil, err
	}
	return n.at(ctx, version)
}

// at is all that is written as of a version: what was read then, or read now. Equal readings are one.
func (n *Notes) at(ctx context.Context, v Version) (*Known, error) {
	if known := n.kept(v); known != nil {
		return known, nil
	}
	key, err := json.Marshal([]int64{v.annotations, v.goals})
	if err != nil {
		return nil, err
	}
	reading := n.reads.DoChan(string(key), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.Timeout) // others may wait for it, too
		defer cancel()
		known, err := n.read(ctx)
		if err != nil {
			return nil, err
		}
		known.version = v
		n.mu.Lock()
		defer n.mu.Unlock()
		n.known, n.until = known, n.Now().Add(keepFor)
		return known, nil
	})
	select {
	case done := <-reading:
		if done.Err != nil {
			return nil, done.Err
		}
		return done.Val.(*Known), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *Notes) kept(v Version) *Known {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil || n.known.version != v || !n.Now().Before(n.until) {
		return nil
	}
	return n.known
}

func (n *Notes) read(ctx context.Context) (*Known, error) {
	var annotations, goals *query.Result
	asking, ctx := errgroup.WithContext(ctx)
	for statement, into := range map[string]**query.Result{"dashboard/annotations": &annotations, "dashboard/goals": &goals} {
		asking.Go(func() (err error) {
			*into, err = n.Asker.Query(ctx, statement, query.Params{"page_size": int64(most)})
			return err
		})
	}
	if err := asking.Wait(); err != nil {
		return nil, err
	}
	return &Known{annotations: annotationsOf(annotations), goals: goalsOf(goals)}, nil
}
