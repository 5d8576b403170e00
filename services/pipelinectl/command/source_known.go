package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/check"
)

// knownBy tells, as comments of a draft, which sources of a set read a file already: a draft is
// not needed then. It is empty if none does.
func knownBy(ctx context.Context, sources *source.Set, path, kind string) (string, error) {
	var policy reading.Policy
	if err := errors.Join(envconfig.Process("", &policy), policy.Validate()); err != nil {
		return "", fmt.Errorf("%w: %w", check.ErrUsage, err)
	}
	var text strings.Builder
	for _, name := range sources.Names() {
		report, err := check.Run(ctx, check.Request{Path: path, Kind: kind, Source: name, Sources: sources, Policy: policy, LandedAt: time.Now()})
		switch {
		case errors.Is(err, check.ErrUsage): // it does not read files of this kind
		case err != nil:
			return "", err
		case fits(report):
			fmt.Fprintf(&text, "# The source %s is built in and reads %d of the file's %s: no draft is needed (upload --source %s).\n",
				name, report.Accepted, plural.Of(report.Records, "record"), name)
		}
	}
	return text.String(), nil
}

// misfits is the share of records, one in so many, that may be refused or not add up where a source
// is the right one for a file.
const misfits = 4

func fits(r *check.Report) bool {
	odd := r.Refused
	for _, note := range r.Notes {
		if note.Rule == string(rules.AmountMismatch) {
			odd += note.Number
		}
	}
	return r.Verdict == landedfile.Loaded && r.Records > 0 && odd*misfits <= r.Records
}
