package doctor

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// services asks each health server that was named whether its service is ready.
func (e *examiner) services(ctx context.Context) {
	if len(e.opts.Services) == 0 {
		e.add("services", Skip, "no --service was given", "")
	}
	for _, name := range slices.Sorted(maps.Keys(e.opts.Services)) {
		check := "service " + name
		answer, err := e.ready(ctx, e.opts.Services[name])
		if err != nil {
			e.add(check, Fail, err.Error(), "See its log: kubectl logs deployment/"+name)
			continue
		}
		e.ok(check, answer)
	}
}

func (e *examiner) ready(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, e.opts.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(url, "/")+"/readyz", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err != nil {
		return "", err
	}
	text := strings.Join(strings.Fields(string(body)), " ")
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("it is not ready (%s): %s", resp.Status, text)
	}
	return text, nil
}
