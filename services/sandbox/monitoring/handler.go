// Package monitoring is the sandbox's Cloud Monitoring: of its REST API (v3) the list of
// time series, and of those what Pub/Sub reports of subscriptions: messages that are not
// acknowledged, the age of the oldest, and how many were acknowledged. Everything else is
// refused with 400 and a message that names it.
//
// Samples are of the moment of the question, where the real service's are up to two minutes
// old; a count of acknowledged messages is since the question before.
package monitoring

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
)

// Path is how the path of the list of time series ends.
const Path = "/timeSeries"

// The metrics that there are, with their kinds.
var kinds = map[string]string{
	"pubsub.googleapis.com/subscription/num_undelivered_messages":   "GAUGE",
	"pubsub.googleapis.com/subscription/oldest_unacked_message_age": "GAUGE",
	"pubsub.googleapis.com/subscription/ack_message_count":          "DELTA",
}

type server struct {
	project  string
	backlogs func(context.Context) ([]pubsubfront.Backlog, error)
	now      func() time.Time
	log      *slog.Logger

	mu    sync.Mutex
	since time.Time        // of the counts
	acked map[string]int64 // by subscription, at since
}

// NewHandler serves what Pub/Sub's backlogs tell.
func NewHandler(project string, backlogs func(context.Context) ([]pubsubfront.Backlog, error), now func() time.Time, log *slog.Logger) http.Handler {
	return &server{project: project, backlogs: backlogs, now: now, log: log, since: now(), acked: make(map[string]int64)}
}

// wanted is the only filter that is understood, whatever its spaces.
var wanted = regexp.MustCompile(`^\s*metric\.type\s*=\s*"([^"]+)"\s+AND\s+resource\.type\s*=\s*"pubsub_subscription"\s*$`)

// point, series: as the API's documentation has them; int64 values are texts.
type point struct {
	Interval map[string]string `json:"interval"`
	Value    map[string]string `json:"value"`
}

type labelled struct {
	Type   string            `json:"type"`
	Labels map[string]string `json:"labels,omitempty"`
}

type series struct {
	Metric     labelled `json:"metric"`
	Resource   labelled `json:"resource"`
	MetricKind string   `json:"metricKind"`
	ValueType  string   `json:"valueType"`
	Points     []point  `json:"points"`
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	filter := wanted.FindStringSubmatch(r.FormValue("filter"))
	switch {
	case r.Method != http.MethodGet || r.URL.Path != "/v3/projects/"+s.project+Path:
		s.refuse(w, r, http.StatusBadRequest, "UNIMPLEMENTED", "The embedded Cloud Monitoring does not serve "+r.Method+" "+r.URL.Path)
		return
	case r.FormValue("interval.endTime") == "":
		s.refuse(w, r, http.StatusBadRequest, "INVALID_ARGUMENT", "Field interval.endTime had an invalid value: it must be set.")
		return
	case filter == nil || kinds[filter[1]] == "":
		s.refuse(w, r, http.StatusBadRequest, "INVALID_ARGUMENT", "The embedded Cloud Monitoring knows no such filter: "+r.FormValue("filter"))
		return
	}
	all, err := s.backlogs(r.Context())
	if err != nil {
		s.log.WarnContext(r.Context(), "backlogs not known", "error", err)
		s.refuse(w, r, http.StatusServiceUnavailable, "UNAVAILABLE", "The service is currently unavailable.")
		return
	}
	s.answer(w, r, http.StatusOK, map[string]any{"timeSeries": s.sample(filter[1], all)})
}

// sample is one series for each subscription, of one point.
func (s *server) sample(metric string, all []pubsubfront.Backlog) []series {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	interval := map[string]string{"startTime": stamp(now), "endTime": stamp(now)}
	if kinds[metric] == "DELTA" {
		interval["startTime"] = stamp(s.since)
	}
	list := make([]series, 0, len(all))
	for _, b := range all {
		value := b.Messages
		switch path.Base(metric) {
		case "oldest_unacked_message_age":
			if value = 0; b.Messages > 0 {
				value = max(0, int64(now.Sub(b.Oldest).Seconds()))
			}
		case "ack_message_count":
			value = b.Acknowledged - s.acked[b.Subscription]
			s.acked[b.Subscription] = b.Acknowledged
		}
		list = append(list, series{
			Metric:     labelled{Type: metric},
			Resource:   labelled{"pubsub_subscription", map[string]string{"project_id": s.project, "subscription_id": path.Base(b.Subscription)}},
			MetricKind: kinds[metric], ValueType: "INT64",
			Points: []point{{interval, map[string]string{"int64Value": strconv.FormatInt(value, 10)}}},
		})
	}
	if kinds[metric] == "DELTA" {
		s.since = now
	}
	return list
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (s *server) refuse(w http.ResponseWriter, r *http.Request, code int, status, message string) {
	s.answer(w, r, code, map[string]any{"error": map[string]any{"code": code, "status": status, "message": message}})
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, code int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.log.DebugContext(r.Context(), "response not delivered", "error", err)
	}
}
