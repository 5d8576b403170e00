package incident

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Recording is what the services exported, scraped at even intervals.
type Recording struct {
	Start    time.Time     `json:"start"`
	Interval time.Duration `json:"interval"` // between two scrapes, in nanoseconds
	Scrapes  int           `json:"scrapes"`
	Phases   []Phase       `json:"phases"`
	Series   []*Series     `json:"series"`
}

// Phase is a part of the recording in which one thing was wrong, or nothing.
type Phase struct {
	Name string `json:"name"`
	From int    `json:"from"` // the first scrape in it
}

// Series is one series, as its changes.
type Series struct {
	// Labels are those of a scrape in Prometheus, the name included.
	Labels  map[string]string `json:"labels"`
	Counter bool              `json:"counter,omitempty"` // or a part of a histogram
	// At are the scrapes with another value than the one before, and Values the
	// values; nil: from then on the series was not there.
	At     []int      `json:"at"`
	Values []*float64 `json:"values"`
}

// set notes the value of a scrape, which are noted in order.
func (s *Series) set(scrape int, value *float64) {
	if n := len(s.Values); n > 0 {
		if last := s.Values[n-1]; last == nil && value == nil || last != nil && value != nil && *last == *value {
			return
		}
	}
	s.At, s.Values = append(s.At, scrape), append(s.Values, value)
}

// Expand gives the value of every scrape; nil where the series was not there.
func (s *Series) Expand(scrapes int) []*float64 {
	all := make([]*float64, scrapes)
	var (
		next    int
		current *float64
	)
	for i := range all {
		if next < len(s.At) && s.At[next] == i {
			current = s.Values[next]
			next++
		}
		all[i] = current
	}
	return all
}

// Phase is the first and the last scrape of a phase.
func (r *Recording) Phase(name string) (from, to int, err error) {
	for i, p := range r.Phases {
		if p.Name != name {
			continue
		}
		to := r.Scrapes - 1
		if i+1 < len(r.Phases) {
			to = r.Phases[i+1].From - 1
		}
		return p.From, to, nil
	}
	return 0, 0, fmt.Errorf("the recording has no phase %q", name)
}

// Write writes a recording as gzipped JSON.
func (r *Recording) Write(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	zip := gzip.NewWriter(file)
	if err := json.NewEncoder(zip).Encode(r); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	return file.Close()
}

// Read reads what Write wrote.
func Read(path string) (*Recording, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	var r Recording
	if err := json.NewDecoder(zip).Decode(&r); err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	return &r, nil
}
