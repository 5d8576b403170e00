package status

import (
	"fmt"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
)

// judge says what a person should look at.
func (s *Status) judge() {
	attend := func(format string, args ...any) { s.Attention = append(s.Attention, fmt.Sprintf(format, args...)) }
	for _, stage := range s.Files {
		if stage.Oldest != nil && s.At.Sub(*stage.Oldest) > patience(stage.Stage) {
			attend("a file has been %s for %s: pipelinectl doctor", stage.Stage, s.At.Sub(*stage.Oldest).Round(time.Second))
		}
	}
	for _, sub := range s.Subscriptions {
		if age := time.Duration(sub.Oldest) * time.Second; age > messageAge {
			attend("%s: its oldest message waits for %s: pipelinectl doctor", sub.ID, age)
		}
	}
	for _, l := range s.DeadLetters {
		attend("%s: %s: pipelinectl dlq list %s", l.Subscription, plural.Of(l.Letters, "dead letter"), l.Subscription)
	}
	if n := s.Today.QuarantinedFiles; n > 0 {
		attend("%s quarantined today: pipelinectl files list --verdict quarantined", plural.Of(n, "file"))
	}
	if n := s.Today.RecentErrors; n > fewErrors && n*100 > errorPercent*s.Today.RecentRecords {
		attend("%s in the last hour, in more than %d of 100 records: the dashboard's page Quality", plural.Of(n, "quality error"), errorPercent)
	}
	// A pipeline whose first night is still to come has no reports, and none that are late.
	if s.Reports != nil && s.At.Sub(s.Reports.Through) > reportsAge {
		attend("the newest reports are of %s: pipelinectl doctor", s.Reports.Date)
	}
	for _, service := range s.Services {
		if !service.Ready {
			attend("%s is not ready: %s", service.Name, service.Detail)
		}
	}
}

// patience is how long a file may be in a stage before a person should look.
func patience(stage string) time.Duration {
	if stage == "landed" {
		return landingAge
	}
	return stagingAge
}
