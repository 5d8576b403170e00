// Package notify tells people by a webhook (Slack, Discord or any other) what an operator
// should know where no alerts of Cloud Monitoring are: a quarantined file, dead letters,
// quality errors, late reports, and that dead letters or reports are in order again.
//
// There is at most one message per source and NOTIFY_PAUSE; what happens meanwhile is counted
// and told with the next. A message holds a file's name, rules and numbers: nothing of an
// order or a customer. What is known is kept in memory: after a restart what is still
// wrong is told once more.
package notify

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
)

// Webhook says where messages go.
type Webhook struct {
	URL      string        `envconfig:"NOTIFY_URL" desc:"Webhook of Slack, Discord or any other that is told of quarantined files, dead letters, quality errors and late reports; a secret; empty: nobody is told"`
	Format   string        `envconfig:"NOTIFY_FORMAT" default:"auto" desc:"What the webhook takes: slack, discord or json; auto: by the host of NOTIFY_URL"`
	Pause    time.Duration `envconfig:"NOTIFY_PAUSE" default:"1h" desc:"Shortest time between two messages about the same source of trouble"`
	Interval time.Duration `envconfig:"NOTIFY_INTERVAL" default:"5m" desc:"How often the warehouse is asked for dead letters, quality errors and late reports; each look is billed as 50 MB at least"`
}

// The formats.
const (
	auto    = "auto"
	slack   = "slack"
	discord = "discord"
	plain   = "json"
)

// Validate names the variables at fault. It does not show the URL, which is a secret.
func (c *Webhook) Validate() error {
	if c.URL == "" {
		return nil // nobody is told, however often
	}
	return errors.Join(
		ValidateTarget("NOTIFY", c.URL, c.Format),
		config.Positive("NOTIFY_PAUSE", int64(c.Pause)), config.Positive("NOTIFY_INTERVAL", int64(c.Interval)))
}

// ValidateTarget names what is wrong with the variables PREFIX_URL and PREFIX_FORMAT.
func ValidateTarget(prefix, address, format string) error {
	var faults []error
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		faults = append(faults, fmt.Errorf("%s_URL must be a URL of http or https", prefix))
	}
	if formats := []string{auto, slack, discord, plain}; !slices.Contains(formats, format) {
		faults = append(faults, fmt.Errorf("%s_FORMAT must be one of %s, is %q", prefix, strings.Join(formats, ", "), format))
	}
	return errors.Join(faults...)
}

// format is what the webhook takes.
func (c *Webhook) format() string { return formatOf(c.URL, c.Format) }

func formatOf(address, format string) string {
	if format != auto {
		return format
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return plain
	case u.Hostname() == "hooks.slack.com":
		return slack
	case u.Hostname() == "discord.com" || u.Hostname() == "discordapp.com":
		return discord
	default:
		return plain
	}
}
