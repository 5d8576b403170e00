package monitoring

import (
	"os"
	"strings"
	"testing"
	"text/template"

	"sigs.k8s.io/yaml"
)

// TestEveryAlertReachesSomebody: alertmanager/alertmanager.yaml has a route to a receiver that
// sends something for each severity that an alert has, and what it sends says what is wrong
// and where to read on. That Alertmanager takes the file and routes so, amtool says in CI.
func TestEveryAlertReachesSomebody(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("alertmanager/alertmanager.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type slack struct{ Channel, Title, Text string }
	type receiver struct {
		Name  string
		Slack []slack               `json:"slack_configs"`
		Email []struct{ To string } `json:"email_configs"`
	}
	type route struct {
		Receiver string
		Matchers []string
		Routes   []route
	}
	var file struct {
		Route     route
		Receivers []receiver
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	named := make(map[string]receiver)
	for _, r := range file.Receivers {
		named[r.Name] = r
	}
	to := make(map[string]receiver)
	for _, r := range file.Route.Routes {
		for _, matcher := range r.Matchers {
			if severity, ok := strings.CutPrefix(matcher, "severity="); ok {
				to[strings.Trim(severity, `"`)] = named[r.Receiver]
			}
		}
	}
	for _, g := range readGroups(t) {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			if found := to[r.Labels["severity"]]; len(found.Slack)+len(found.Email) == 0 {
				t.Errorf("%s, a %s, reaches nobody", r.Alert, r.Labels["severity"])
			}
		}
	}
	if len(named[file.Route.Receiver].Slack) == 0 {
		t.Error("an alert without a severity goes where nobody looks at once")
	}
	labels := map[string]string{"alertname": "FactsOutdated", "cluster": "here"}
	message := map[string]any{"Status": "firing", "CommonLabels": labels, "Alerts": []any{
		map[string]any{"Annotations": map[string]string{"summary": "Nothing was loaded", "runbook_url": "https://example.com/page.md"}}}}
	for _, s := range to["page"].Slack {
		for source, want := range map[string]string{
			s.Title: "firing: FactsOutdated (here)",
			s.Text:  "Nothing was loaded\nhttps://example.com/page.md\n",
		} {
			var got strings.Builder
			if err := template.Must(template.New("").Parse(source)).Execute(&got, message); err != nil || got.String() != want {
				t.Errorf("%q makes %q, error %v; want %q", source, got.String(), err, want)
			}
		}
	}
}
