// Package status tells on one screen how the pipeline is: where files are, what
// subscriptions have not processed, how fresh the facts are, and what is wrong. It changes nothing.
package status

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"
	monitoringapi "google.golang.org/api/monitoring/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/subscriptions"
)

// Options of Look.
type Options struct {
	Zone   calendar.Zone   // the shop's, whose day is today
	Ignore topology.Ignore // what the watcher leaves alone in landing/
	// Services are health servers, by name, that are asked which build they are.
	Services map[string]string
	Now      func() time.Time
}

// Status is what was seen.
type Status struct {
	At            time.Time      `json:"at"`
	Files         []Stage        `json:"files"`
	Today         Today          `json:"today"`
	Subscriptions []Subscription `json:"subscriptions"`
	// Unknown says why nothing is known of the subscriptions; empty if it is.
	Unknown     string        `json:"subscriptions_unknown,omitempty"`
	DeadLetters []DeadLetters `json:"dead_letters"`
	Reports     *Reports      `json:"reports"` // nil: no day has all of them
	Services    []Service     `json:"services"`
	Attention   []string      `json:"attention"` // what a person should look at; empty: all is well
}

// Stage is a place of the bucket where files are on their way.
type Stage struct {
	Stage  string     `json:"stage"` // landed, claimed or parsed
	Files  int        `json:"files"`
	Oldest *time.Time `json:"oldest_since"`
}

// Today is what the ledger and the findings say since the shop's midnight, and of the last
// hour's files how long they took from landing to facts.
type Today struct {
	LoadedFiles      int64                  `bigquery:"loaded_files" json:"loaded_files"`
	QuarantinedFiles int64                  `bigquery:"quarantined_files" json:"quarantined_files"`
	Records          int64                  `bigquery:"records" json:"records"`
	LoadedRecords    int64                  `bigquery:"loaded_records" json:"loaded_records"`
	RejectedRecords  int64                  `bigquery:"rejected_records" json:"rejected_records"`
	NewestLoad       bigquery.NullTimestamp `bigquery:"newest_load_at" json:"newest_load_at"`
	RecentFiles      int64                  `bigquery:"recent_files" json:"files_last_hour"`
	P50              bigquery.NullInt64     `bigquery:"p50_ms" json:"freshness_p50_ms"`
	P99              bigquery.NullInt64     `bigquery:"p99_ms" json:"freshness_p99_ms"`
	QualityErrors    int64                  `bigquery:"quality_errors" json:"quality_errors"`
	RecentErrors     int64                  `bigquery:"recent_errors" json:"quality_errors_last_hour"`
	RecentRecords    int64                  `bigquery:"recent_records" json:"records_last_hour"`
}

// Subscription is how far a subscription has come.
type Subscription struct {
	ID        string  `json:"subscription"`
	Waiting   int64   `json:"waiting"`
	Oldest    int64   `json:"oldest_seconds"`
	PerSecond float64 `json:"per_second"`
}

// DeadLetters counts dead letters that nobody has settled.
type DeadLetters struct {
	Subscription string `bigquery:"subscription" json:"subscription"`
	Letters      int64  `bigquery:"letters" json:"letters"`
}

// Reports is the newest day that has all of its reports.
type Reports struct {
	Date    civil.Date `bigquery:"report_date" json:"report_date"`
	Through time.Time  `bigquery:"data_through" json:"data_through"`
}

// Service is what a service says of itself.
type Service struct {
	Name    string `json:"service"`
	Ready   bool   `json:"ready"`
	Version string `json:"version,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

const (
	reportDays = 366
	// lettersDays is how far back dead letters are counted, as doctor does.
	lettersDays = 7
	probeWithin = 2 * time.Second
	// reportsAge is when the newest reports are late: another night must not pass.
	reportsAge = 30 * time.Hour
	// messageAge is that of the alert MessagesOld.
	messageAge = 45 * time.Minute
	// More than so many errors in an hour, and in so many of 100 records, are those of the alert QualityErrors.
	fewErrors, errorPercent = 10, 2
	landingAge              = 5 * time.Minute
	stagingAge              = time.Hour
)

// Looker asks again and again with the same clients. It is for one goroutine.
type Looker struct {
	cfg       cloud.Config
	storage   *storage.Client
	warehouse *warehouse.Client
	metrics   *monitoringapi.Service // nil: there are none
	unknown   string
}

// Open opens the clients.
func Open(ctx context.Context, cfg cloud.Config) (_ *Looker, err error) {
	l := &Looker{cfg: cfg}
	if l.metrics, err = cfg.NewMonitoring(ctx); err != nil {
		l.unknown = err.Error()
	}
	if l.storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, err
	}
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return nil, errors.Join(err, l.storage.Close())
	}
	l.warehouse = &warehouse.Client{BigQuery: client, Dataset: cfg.Dataset, Service: topology.Operator, Task: "status"}
	return l, nil
}

// Close closes the clients.
func (l *Looker) Close() error { return errors.Join(l.storage.Close(), l.warehouse.Close()) }

// Look looks at everything once.
func (l *Looker) Look(ctx context.Context, o Options) (*Status, error) {
	now := o.Now().UTC()
	s := &Status{At: now, Subscriptions: []Subscription{}, DeadLetters: []DeadLetters{}, Services: []Service{}, Attention: []string{}}
	if err := l.files(ctx, o, s); err != nil {
		return nil, err
	}
	if err := l.ask(ctx, o.Zone, s); err != nil {
		return nil, err
	}
	l.subscriptions(ctx, s)
	for _, name := range slices.Sorted(maps.Keys(o.Services)) {
		s.Services = append(s.Services, probe(ctx, name, o.Services[name]))
	}
	s.judge()
	return s, nil
}

// files counts those in landing/ and staging/.
func (l *Looker) files(ctx context.Context, o Options, s *Status) error {
	stages := map[string]*Stage{}
	for _, name := range []string{"landed", "claimed", "parsed"} {
		stages[name] = &Stage{Stage: name}
	}
	for _, prefix := range []string{topology.Landing, topology.Staging} {
		objects := l.storage.Bucket(l.cfg.Bucket).Objects(ctx, &storage.Query{Prefix: prefix})
		for {
			object, err := objects.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				return fmt.Errorf("list %s: %w", prefix, err)
			}
			stage := stages["landed"]
			switch {
			case topology.IsFolder(object.Name), prefix == topology.Landing && o.Ignore.IsIgnored(object.Name):
				continue
			case prefix == topology.Staging && claim.IsParsed(object):
				stage = stages["parsed"]
			case prefix == topology.Staging:
				stage = stages["claimed"]
			}
			stage.Files++
			if created := object.Created.UTC(); stage.Oldest == nil || created.Before(*stage.Oldest) {
				stage.Oldest = &created
			}
		}
	}
	s.Files = []Stage{*stages["landed"], *stages["claimed"], *stages["parsed"]}
	return nil
}

// ask asks the warehouse.
func (l *Looker) ask(ctx context.Context, zone calendar.Zone, s *Status) (err error) {
	today := zone.Date(s.At)
	s.Today, _, err = warehouse.First[Today](ctx, l.warehouse, "status/now", warehouse.Params{
		"today_from": zone.Start(today), "recent_from": s.At.Add(-time.Hour),
	})
	if err != nil {
		return err
	}
	letters, err := warehouse.All[DeadLetters](ctx, l.warehouse, "doctor/dead_letters", warehouse.Params{"from_date": civil.DateOf(s.At).AddDays(-lettersDays)})
	if err != nil {
		return err
	}
	s.DeadLetters = append(s.DeadLetters, letters...)
	reports, found, err := warehouse.First[Reports](ctx, l.warehouse, "reports/read_newest_complete", warehouse.Params{
		"from_date": today.AddDays(-reportDays), "to_date": today,
	})
	if found {
		s.Reports = &reports
	}
	return err
}

func (l *Looker) subscriptions(ctx context.Context, s *Status) {
	if s.Unknown = l.unknown; l.metrics == nil {
		return
	}
	states, err := subscriptions.States(ctx, l.metrics, l.cfg.ProjectID, s.At)
	if err != nil {
		s.Unknown = err.Error()
		return
	}
	for _, id := range slices.Sorted(maps.Keys(states)) {
		state := states[id]
		// A dead-letter topic has a subscription for each of those, and nearly all are idle.
		if strings.HasSuffix(id, ".dead-letter."+topology.Writer) && state.Waiting == 0 {
			continue
		}
		s.Subscriptions = append(s.Subscriptions, Subscription{id, state.Waiting, int64(state.Oldest.Seconds()), state.PerSecond})
	}
}

// probe asks a service whether it is ready and which build it is.
func probe(ctx context.Context, name, url string) Service {
	s := Service{Name: name}
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	url = strings.TrimSuffix(url, "/")
	ready, status, err := get(ctx, url+"/readyz")
	if err != nil {
		s.Detail = "it does not answer: " + err.Error()
		return s
	}
	if s.Ready = status == http.StatusOK; !s.Ready {
		s.Detail = ready
	}
	if build, status, err := get(ctx, url+"/version"); err == nil && status == http.StatusOK {
		s.Version = build
	}
	return s
}

func get(ctx context.Context, url string) (string, int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	return strings.Join(strings.Fields(string(body)), " "), resp.StatusCode, err
}
