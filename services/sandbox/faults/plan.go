// Package faults makes the embedded cloud misbehave on demand, the way a real
// one does on a bad day: calls fail, responses are lost after the work was
// done, streams break, messages come twice.
//
// A plan is a list of rules, one per line or separated by semicolons:
//
//	<methods> fail <code> [when]       refuse the call; nothing was done
//	<methods> lost <code> [when]       do the work, then fail: the response is lost
//	<methods> delay <time> [when]      wait first
//	<methods> drop [when]              break the stream, or the HTTP connection
//	<messages> twice [when]            hand a message out twice at once
//	<messages> again [when]            hand a message out again after its acknowledgement
//	<jobs> end <reason> <point> [when] have a BigQuery job end with a failure
//	<jobs> delay <time> [when]         have it begin later
//	seed <number>                      other dice
//
// where [when] is "first <n>" (the first n calls of each method), "rate <p>"
// (a share of its calls), or nothing (every call), after "on <name>" if only those
// requests over HTTP are meant whose path has an element of that name, with wildcards:
// storage.objects.* fail permission_denied on bad.json. Methods are named by front
// and API, with the wildcards of path.Match: pubsub.Publish, pubsub.*,
// storage.objects.rewrite, bigquery.jobs.query, bigquery.AppendRows; what reads an
// object's content is storage.objects.getMedia, by either API. Messages
// are pubsub.messages.<subscription>. Codes are gRPC's (unavailable,
// resource_exhausted, ...); over HTTP they become the matching status. Instead of a
// code stands a reason of BigQuery's (jobInternalError, tableUnavailable, ...), which
// comes with the HTTP status that Google documents, or with another that is named:
// quotaExceeded/400, somethingNew/400.
//
// Jobs are bigquery.job.<service>.<task>.<statement>, by their labels; bigquery.job.*
// are all, bigquery.job.aggregator.loading.transaction the aggregator's transactions,
// bigquery.job.unlabelled those without.
// One ends at a point: begin, before its first statement; middle, after half of a
// script's statements; commit, instead of a script's last COMMIT; after, when all is
// done and only the job's end is not told. A job without such a point does not count.
// A transaction that is open then is rolled back; what was done before is billed.
//
// On a stream, fail counts its openings, while lost and drop count messages:
// lost ends the stream instead of sending a response, drop ends it instead of
// handing over a request or after a response has been sent.
//
// The dice are a function of the seed, the rule, the method and the number of
// the call, so that a plan strikes the same calls in every run, however the
// calls of different methods interleave.
package faults

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

type effect string

const (
	fail  effect = "fail"
	lost  effect = "lost"
	delay effect = "delay"
	drop  effect = "drop"
	twice effect = "twice"
	again effect = "again"
	end   effect = "end"
)

// maxDelay keeps a forgotten plan from hanging the cloud for ever.
const maxDelay = time.Hour

// rule is one line of a plan.
type rule struct {
	text    string
	methods string
	effect  effect
	failure
	point Point // of end
	delay time.Duration
	on    string  // pattern of an element of the request's path; empty: any request
	first uint64  // strikes the first calls of each method, if not 0
	rate  float64 // else this share of them
}

// Plan says which calls go wrong, and how.
type Plan struct {
	rules []rule
	seed  uint64
}

// Parse reads a plan. Its error names every rule at fault.
func Parse(text string) (Plan, error) {
	var plan Plan
	var faults []error
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ';' }) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if err := plan.add(words); err != nil {
			faults = append(faults, fmt.Errorf("rule %q: %w", strings.Join(words, " "), err))
		}
	}
	return plan, errors.Join(faults...)
}

func (p *Plan) add(words []string) error {
	if words[0] == "seed" {
		if len(words) != 2 {
			return errors.New("want: seed <number>")
		}
		seed, err := strconv.ParseUint(words[1], 10, 64)
		p.seed = seed
		return err
	}
	r, err := parseRule(words)
	if err != nil {
		return err
	}
	p.rules = append(p.rules, r)
	return nil
}

func parseRule(words []string) (rule, error) {
	r := rule{text: strings.Join(words, " "), methods: words[0], rate: 1}
	if _, err := path.Match(r.methods, ""); err != nil {
		return r, err
	}
	if len(words) < 2 {
		return r, errors.New("want: <methods> <effect> ...")
	}
	r.effect = effect(words[1])
	rest := words[2:]
	switch r.effect {
	case drop, twice, again:
	case fail, lost, delay:
		if len(rest) == 0 {
			return r, fmt.Errorf("%s wants an argument", r.effect)
		}
		if err := r.setArgument(rest[0]); err != nil {
			return r, err
		}
		rest = rest[1:]
	case end:
		if len(rest) < 2 {
			return r, errors.New("end wants a reason and a point")
		}
		var err error
		if r.failure, err = parseReason(rest[0]); err != nil {
			return r, err
		}
		if r.point = Point(rest[1]); !slices.Contains(points, r.point) {
			return r, fmt.Errorf("no point of a job is named %q; there are %q", rest[1], points)
		}
		rest = rest[2:]
	default:
		return r, fmt.Errorf("no effect is named %q", r.effect)
	}
	return r, r.setWhen(rest)
}

func (r *rule) setArgument(text string) (err error) {
	if r.effect == delay {
		d, err := time.ParseDuration(text)
		if err == nil && (d <= 0 || d > maxDelay) {
			err = fmt.Errorf("a delay must be positive and at most %v", maxDelay)
		}
		r.delay = d
		return err
	}
	r.failure, err = parseFailure(text)
	return err
}

func (r *rule) setWhen(words []string) (err error) {
	if len(words) >= 2 && words[0] == "on" {
		r.on, words = words[1], words[2:]
		if _, err := path.Match(r.on, ""); err != nil {
			return err
		}
	}
	switch {
	case len(words) == 0:
		return nil
	case len(words) == 2 && words[0] == "first":
		if r.first, err = strconv.ParseUint(words[1], 10, 32); err == nil && r.first == 0 {
			err = errors.New("first wants a positive number")
		}
		return err
	case len(words) == 2 && words[0] == "rate":
		// The comparison is written so that NaN fails it.
		if r.rate, err = strconv.ParseFloat(words[1], 64); err == nil && !(r.rate >= 0 && r.rate <= 1) {
			err = errors.New("a rate is between 0 and 1")
		}
		return err
	}
	return fmt.Errorf("want on <name>, first <n> or rate <p>, not %q", strings.Join(words, " "))
}
