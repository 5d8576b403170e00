package monitoring

import (
	"context"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// memory keeps series for Prometheus's engine to query. Prometheus's own storage would
// do it too, and bring three hundred packages along to be compiled.
type memory struct {
	byLabels map[string]*timeline
	all      []*timeline
}

// timeline is one series; its points are appended in the order of time.
type timeline struct {
	labels labels.Labels
	points []point
}

type point struct {
	at    int64 // milliseconds since 1970
	value float64
}

func newMemory() *memory { return &memory{byLabels: make(map[string]*timeline)} }

func (m *memory) add(set labels.Labels, at int64, value float64) {
	key := set.String()
	line, ok := m.byLabels[key]
	if !ok {
		line = &timeline{labels: set}
		m.byLabels[key], m.all = line, append(m.all, line)
	}
	line.points = append(line.points, point{at, value})
}

// Querier implements storage.Queryable.
func (m *memory) Querier(from, to int64) (storage.Querier, error) {
	return &querier{memory: m, from: from, to: to}, nil
}

type querier struct {
	memory   *memory
	from, to int64
}

// Select implements storage.Querier.
func (q *querier) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := &found{current: -1}
	for _, line := range q.memory.all {
		if !matches(matchers, line.labels) {
			continue
		}
		first := sort.Search(len(line.points), func(i int) bool { return line.points[i].at >= q.from })
		last := sort.Search(len(line.points), func(i int) bool { return line.points[i].at > q.to })
		if first < last {
			set.lines = append(set.lines, &timeline{line.labels, line.points[first:last]})
		}
	}
	slices.SortFunc(set.lines, func(a, b *timeline) int { return labels.Compare(a.labels, b.labels) })
	return set
}

// LabelValues implements storage.Querier; the engine does not ask.
func (*querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames implements storage.Querier; the engine does not ask.
func (*querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close implements storage.Querier.
func (*querier) Close() error { return nil }

func matches(all []*labels.Matcher, set labels.Labels) bool {
	return !slices.ContainsFunc(all, func(m *labels.Matcher) bool { return !m.Matches(set.Get(m.Name)) })
}

// found is a storage.SeriesSet.
type found struct {
	lines   []*timeline
	current int
}

func (f *found) Next() bool                        { f.current++; return f.current < len(f.lines) }
func (f *found) At() storage.Series                { return f.lines[f.current] }
func (f *found) Err() error                        { return nil }
func (f *found) Warnings() annotations.Annotations { return nil }

// Labels implements storage.Series.
func (l *timeline) Labels() labels.Labels { return l.labels }

// Iterator implements storage.Series.
func (l *timeline) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	return storage.NewListSeriesIterator(l)
}

// Len and Get implement storage.Samples.
func (l *timeline) Len() int                { return len(l.points) }
func (l *timeline) Get(i int) chunks.Sample { return &l.points[i] }

// The others implement chunks.Sample, of a plain number.

func (p *point) T() int64                      { return p.at }
func (p *point) ST() int64                     { return 0 }
func (p *point) F() float64                    { return p.value }
func (p *point) H() *histogram.Histogram       { return nil }
func (p *point) FH() *histogram.FloatHistogram { return nil }
func (p *point) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (p *point) Copy() chunks.Sample           { return &point{p.at, p.value} }
