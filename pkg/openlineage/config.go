// Package openlineage tells a catalog of data (Marquez, DataHub, Dataplex and others) by run events of
// OpenLineage (https://openlineage.io) where the warehouse's figures come from: one run for each load of a
// file, each daily report, and each file, dead letter or day of orders that an operator has moved again, with
// its datasets, the lineage of their columns, and what the checks of quality found.
//
// Loads are told by the reporter, which hears of completed files anyway, and not by the aggregator that
// loads them: what is said about a transaction must not cost it any time. What else is told, the program
// tells that does it. What cannot be sent is tried again for a while, waits in a bounded queue, and in the
// end is lost: counted, but the pipeline goes on. A file that is announced twice gives the same run with
// the same times twice, which catalogs take as one.
//
// Limits. Events wait in memory, so that an end of the process may lose those of the last minutes. A run
// of a file is told when it has ended, its beginning too. Which record became which row is not told:
// pipelinectl trace knows that.
package openlineage

import (
	"errors"
	"net/url"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
)

// Settings say where events go. The names are those of OpenLineage's clients where these have one.
type Settings struct {
	URL       string        `envconfig:"OPENLINEAGE_URL" desc:"Where OpenLineage run events are posted to, such as http://marquez:5000; empty: nowhere"`
	Endpoint  string        `envconfig:"OPENLINEAGE_ENDPOINT" default:"api/v1/lineage" desc:"Path below OPENLINEAGE_URL"`
	APIKey    string        `envconfig:"OPENLINEAGE_API_KEY" desc:"Bearer token of OPENLINEAGE_URL; a secret; empty: none"`
	Topic     string        `envconfig:"OPENLINEAGE_TOPIC" desc:"Pub/Sub topic of the same project that run events are published to instead; the reporter must be allowed to; empty: none"`
	File      string        `envconfig:"OPENLINEAGE_FILE" desc:"File that run events are appended to instead, one JSON object a line; empty: none"`
	Namespace string        `envconfig:"OPENLINEAGE_NAMESPACE" default:"ecomm_datapipeline" desc:"OpenLineage namespace of the jobs"`
	Interval  time.Duration `envconfig:"OPENLINEAGE_INTERVAL" default:"1m" desc:"How long completed files are gathered before the warehouse is asked, once for all, what was found in them; each question is billed as 10 MB at least"`
	Queue     int           `envconfig:"OPENLINEAGE_QUEUE" default:"10000" desc:"Files, and events, that wait at most while the receiver does not answer; more are lost"`
}

// Enabled tells whether events go anywhere.
func (c *Settings) Enabled() bool { return c.URL != "" || c.Topic != "" || c.File != "" }

// Validate names the variables at fault.
func (c *Settings) Validate() error {
	if !c.Enabled() {
		return nil
	}
	var faults []error
	if c.URL != "" {
		if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			faults = append(faults, errors.New("OPENLINEAGE_URL must be a URL of http or https"))
		}
	}
	if c.URL != "" && c.Topic != "" || c.URL != "" && c.File != "" || c.Topic != "" && c.File != "" {
		faults = append(faults, errors.New("only one of OPENLINEAGE_URL, OPENLINEAGE_TOPIC and OPENLINEAGE_FILE may be set"))
	}
	return errors.Join(append(faults, config.Required("OPENLINEAGE_NAMESPACE", c.Namespace),
		config.Positive("OPENLINEAGE_INTERVAL", int64(c.Interval)), config.Positive("OPENLINEAGE_QUEUE", c.Queue))...)
}
