// Package check reads a local file as the parser would read it once it had landed, with the
// parser's own code, and reports what would be loaded and what refused. It needs no cloud.
//
// What only the warehouse knows is left out: whether an order came before, whether a product
// or customer is known. Memory does not grow with the file, but for one small entry per order id.
package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

// Request is what is to be checked, and how.
type Request struct {
	// Path is the file's; Open, if set, opens the content in its place.
	Path string
	Open reading.Content
	// Kind is orders, products or customers.
	Kind string
	// Source is a source's name; empty or native: the records are native.
	Source  string
	Sources *source.Set
	Policy  reading.Policy
	// LandedAt stands for when the file would land: times are judged by it.
	LandedAt time.Time
	// Details is how many refused records are told of one by one.
	Details int
	// Progress, if set, is told how many bytes were read.
	Progress func(int)
}

// Report is what a file would come to.
type Report struct {
	File    string `json:"file"`
	Kind    string `json:"kind"`
	Source  string `json:"source"`
	Landing string `json:"landing"` // the folder that it belongs into
	// Verdict is loaded or quarantined; Reason is the rule, and Detail says it in words.
	Verdict string `json:"verdict"`
	Reason  string `json:"reason,omitempty"`
	Detail  string `json:"detail,omitempty"`
	Remedy  string `json:"remedy,omitempty"`

	Records  int64 `json:"records"`
	Accepted int64 `json:"accepted"`
	Refused  int64 `json:"refused"`
	LeftOut  int64 `json:"left_out"`

	// Details are the first refused records, each with all of its faults.
	Details []Record `json:"refused_records,omitempty"`
	// Faults counts the faults of all refused records that were looked at.
	Faults []Count `json:"faults,omitempty"`
	// Notes counts what was found in records that would be loaded.
	Notes []Count `json:"notes,omitempty"`

	Totals *Totals `json:"totals,omitempty"` // of orders
}

// Record is a refused record.
type Record struct {
	Record int64   `json:"record"` // counted from 1
	Offset int64   `json:"byte_offset"`
	Faults []Fault `json:"faults"`
	More   int     `json:"more_faults,omitempty"`
}

// Fault is one thing that is wrong with a record.
type Fault struct {
	Rule    string `json:"rule"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
}

// Count is how often a rule was broken at a place; the index of a line stands as [].
type Count struct {
	Rule   string `json:"rule"`
	Path   string `json:"path,omitempty"`
	Number int64  `json:"number"`
	Remedy string `json:"remedy,omitempty"`
}

// ErrUsage is a request that names what there is not.
var ErrUsage = errors.New("wrong use")

// Clean tells whether the whole file would be loaded.
func (r *Report) Clean() bool { return r.Verdict == "loaded" && r.Refused == 0 }

var kinds = map[string]pipelinev1.FileKind{
	"orders":    pipelinev1.FileKind_FILE_KIND_ORDERS,
	"products":  pipelinev1.FileKind_FILE_KIND_PRODUCTS,
	"customers": pipelinev1.FileKind_FILE_KIND_CUSTOMERS,
}

// Run checks a file. A fault of the file is in the report; an error is one of the request
// (ErrUsage) or of reading the file.
func Run(ctx context.Context, q Request) (*Report, error) {
	kind, ok := kinds[q.Kind]
	if !ok {
		return nil, fmt.Errorf("%w: the kind is one of orders, products and customers, not %q", ErrUsage, q.Kind)
	}
	landing := topology.Landing + q.Kind + "/"
	var mapping *source.Mapping
	name := source.Native
	if q.Source != "" && q.Source != source.Native {
		s := q.Sources.Get(q.Source)
		if s == nil {
			return nil, fmt.Errorf("%w: no source is called %q; there are %s", ErrUsage, q.Source, strings.Join(q.Sources.Names(), ", "))
		}
		if mapping = s.For(kind); mapping == nil {
			return nil, fmt.Errorf("%w: source %s reads %s, not %s", ErrUsage, q.Source, strings.Join(s.Kinds(), " and "), q.Kind)
		}
		name = q.Source
		landing += q.Source + "/"
	}
	file := &pipelinev1.LandedFile{FileId: "check", Kind: kind, LandingName: landing + "file", LandedAt: timestamppb.New(q.LandedAt)}
	r := reading.NewBy(file, q.Policy, mapping, q.LandedAt)
	c := &collector{most: min(q.Details, maxDetails), counts: map[[2]string]int64{}, notes: map[string]int64{}}
	if q.Kind == "orders" {
		c.totals = newTotals()
	}
	r.Watch(c.watch)
	open := q.Open
	if open == nil {
		open = q.openFile
	}
	manifest, err := r.Read(ctx, open, c)
	if err != nil {
		return nil, err
	}
	report := &Report{
		File: q.Path, Kind: q.Kind, Source: name, Landing: landing, Verdict: "loaded",
		Reason: manifest.GetReason(), Detail: manifest.GetReasonDetail(),
		Records: manifest.GetRecords(), Accepted: manifest.GetAccepted(), Refused: manifest.GetRejected(), LeftOut: r.LeftOut(),
		Details: c.details, Faults: c.faults(), Notes: c.found(),
	}
	if manifest.GetVerdict() == pipelinev1.Verdict_VERDICT_QUARANTINED {
		report.Verdict = "quarantined"
	}
	report.Remedy = beforeLanding(report.Reason)
	if c.totals != nil {
		report.Totals = c.totals.sum(q.Policy.Currency)
	}
	return report, nil
}

func (q *Request) openFile(context.Context) (io.ReadCloser, int64, error) {
	file, err := os.Open(q.Path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%w: %s is a folder; give its files", ErrUsage, q.Path)
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return &watched{file, q.Progress}, info.Size(), nil
}

// watched tells how much of a file was read.
type watched struct {
	*os.File
	progress func(int)
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.File.Read(p)
	if w.progress != nil {
		w.progress(n)
	}
	return n, err
}

// maxDetails is how many refused records may be told of one by one: they are held in memory.
const maxDetails = 1000

// collector is the reading's outlet.
type collector struct {
	most    int
	details []Record
	fault   *decode.Fault // of the record at hand
	counts  map[[2]string]int64
	notes   map[string]int64
	totals  *collected
}

// mostPlaces bounds what is counted apart: paths may come from the file.
const mostPlaces = 1000

// watch is told the faults of each refused record.
func (c *collector) watch(f *decode.Fault) {
	c.fault = f
	for one := range f.All() {
		key := [2]string{string(one.Rule), withoutIndex(one.Path)}
		if _, ok := c.counts[key]; !ok && len(c.counts) >= mostPlaces {
			key = [2]string{string(one.Rule), "(other places)"}
		}
		c.counts[key]++
	}
}

// Accept implements reading.Outlet.
func (c *collector) Accept(_ context.Context, a *decode.Accepted) error {
	for _, note := range a.Source.GetWarnings() {
		c.notes[note]++
	}
	if c.totals != nil {
		c.totals.add(a)
	}
	return nil
}

// Reject implements reading.Outlet.
func (c *collector) Reject(_ context.Context, r *pipelinev1.RejectedRecord) error {
	if len(c.details) >= c.most || r.GetRule() == string(rules.RestRefused) {
		return nil
	}
	detail := Record{Record: r.GetSource().GetRecordIndex() + 1, Offset: r.GetByteOffset(), More: c.fault.More}
	for one := range c.fault.All() {
		detail.Faults = append(detail.Faults, Fault{string(one.Rule), one.Path, one.Message})
	}
	c.details = append(c.details, detail)
	return nil
}

// faults gives the counts, the most frequent first.
func (c *collector) faults() []Count {
	var list []Count
	for key, n := range c.counts {
		list = append(list, Count{Rule: key[0], Path: key[1], Number: n, Remedy: remedy(key[0])})
	}
	sortCounts(list)
	return list
}

func (c *collector) found() []Count {
	var list []Count
	for rule, n := range c.notes {
		list = append(list, Count{Rule: rule, Number: n, Remedy: remedy(rule)})
	}
	sortCounts(list)
	return list
}

func sortCounts(list []Count) {
	slices.SortFunc(list, func(a, b Count) int {
		switch {
		case a.Number != b.Number:
			return int(max(-1, min(1, b.Number-a.Number)))
		case a.Rule != b.Rule:
			return strings.Compare(a.Rule, b.Rule)
		}
		return strings.Compare(a.Path, b.Path)
	})
}

// remedy is what the catalog says to do about a rule.
func remedy(id string) string {
	rule, _ := rules.Lookup(rules.ID(id))
	return rule.Remedy
}

// beforeLanding is what to do about a file that would end in quarantine, which the catalog says
// of files that are there.
func beforeLanding(reason string) string {
	switch rules.ID(reason) {
	case rules.UnknownShape, rules.UnreadableFile:
		return "" // the detail says it
	case rules.MostlyRefused:
		return "Such a file usually has one fault in all records: correct it as the faults below say, or describe the file as a source (pipelinectl source suggest FILE drafts one)."
	}
	return remedy(reason)
}

// withoutIndex writes items[3].quantity as items[].quantity.
func withoutIndex(path string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(path, "[")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		inside, behind, closed := strings.Cut(rest, "]")
		if !closed || strings.Trim(inside, "0123456789") != "" {
			out.WriteString("[")
			path = rest
			continue
		}
		out.WriteString("[]")
		path = behind
	}
}
