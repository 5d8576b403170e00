package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Answer is how long the dashboard's API took to answer a question that it had not
// been asked before, in milliseconds.
type Answer struct {
	Question string `json:"question"`
	Bytes    int64  `json:"bytes"`
	Percentiles
}

// questions are those of the dashboard's pages, and the filters that cost most.
var questions = []string{
	"summary", "orders-per-hour", "category-revenue", "top-products", "aov-by-tier", "geography", "filter-values",
	"files", "quality", "dead-letters", "system",
	"summary?status=completed", "orders-per-hour?status=completed", "category-revenue?status=completed", "top-products?status=completed",
	"aov-by-tier?status=completed", "geography?status=completed",
	"summary?category=Books", "orders-per-hour?category=Books", "top-products?category=Books", "aov-by-tier?category=Books", "geography?category=Books",
}

// askDashboard asks each question so many times, one after the other. Every time the
// period begins a day earlier, so that no answer is one that the reporter has kept.
func (r *run) askDashboard(ctx context.Context, report *Report) error {
	if r.cfg.Samples == 0 {
		return nil
	}
	client := &http.Client{Timeout: time.Minute}
	today := time.Now().UTC()
	for i, question := range questions {
		took := make([]time.Duration, r.cfg.Samples)
		answer := Answer{Question: question}
		separator := "?"
		if strings.Contains(question, separator) {
			separator = "&"
		}
		for n := range took {
			r.cfg.Progress("asking the dashboard", int64(i*r.cfg.Samples+n), int64(len(questions)*r.cfg.Samples))
			address := fmt.Sprintf("%s/api/v1/%s%sfrom=%s", r.box.dashboard, question, separator, today.AddDate(0, 0, -30-n).Format(time.DateOnly))
			started := time.Now()
			size, err := get(ctx, client, address)
			if err != nil {
				return fmt.Errorf("ask the dashboard: %w", err)
			}
			took[n], answer.Bytes = time.Since(started), size
		}
		answer.Percentiles = percentiles(took)
		report.Dashboard = append(report.Dashboard, answer)
	}
	return nil
}

func get(ctx context.Context, client *http.Client, address string) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	size, err := io.Copy(io.Discard, response.Body)
	if err != nil {
		return size, fmt.Errorf("read %s: %w", address, err)
	}
	if response.StatusCode != http.StatusOK {
		return size, fmt.Errorf("%s: %s", address, response.Status)
	}
	return size, nil
}
