package loading

import (
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// batch is files that the warehouse is asked about together, such as those of one
// transaction, in order of their landing. It is built once for all attempts.
type batch struct {
	files             []*waiting
	manifests         []*pipelinev1.FileManifest
	fileIDs, parseIDs []string
	// Days since 1970-01-01. They become literals in statements, because BigQuery prunes by
	// no array parameter.
	landed []int32 // on which the files landed: partitions of staging
	orders []int32 // of the files' orders, on the shop's clock
	hours  []int32 // of UTC, in which the hours of the shop's clock began that those orders touch
	// allStaged: each record of the files is known to be in staging, so that none was refused.
	allStaged bool
}

func newBatch(files []*waiting) *batch {
	b := &batch{
		files: files, manifests: make([]*pipelinev1.FileManifest, len(files)),
		fileIDs: make([]string, len(files)), parseIDs: make([]string, len(files)), landed: make([]int32, len(files)),
		allStaged: !slices.ContainsFunc(files, func(file *waiting) bool { return !file.staged }),
	}
	for i, file := range files {
		m := file.manifest
		b.manifests[i], b.fileIDs[i], b.parseIDs[i] = m, m.GetFile().GetFileId(), m.GetParseId()
		b.landed[i] = epoch.Day(m.GetFile().GetLandedAt().AsTime())
		if m.GetReason() != string(rules.TooManyDays) { // it loads nothing
			b.orders = append(b.orders, m.GetOrderDates()...)
			b.hours = append(b.hours, hourDays(m)...)
		}
	}
	return b
}

// hourDays are the days of UTC in which the hours began that a file's orders touch. A reading of an
// earlier release did not say.
func hourDays(m *pipelinev1.FileManifest) []int32 {
	if len(m.GetHourDates()) == 0 {
		return around(m.GetOrderDates())
	}
	return m.GetHourDates()
}

// around are the days of UTC in which the hours of the shop's days may begin, as long as nothing is
// known of its clock: wherever the shop is, its day begins less than a day before or after the day of
// UTC with its name.
func around(orders []int32) []int32 {
	days := make([]int32, 0, 3*len(orders))
	for _, day := range orders {
		days = append(days, day-1, day, day+1)
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// only is the batch of those files alone that are so.
func (b *batch) only(are func(*pipelinev1.FileManifest) bool) *batch {
	return newBatch(slices.DeleteFunc(slices.Clone(b.files), func(file *waiting) bool { return !are(file.manifest) }))
}

// has tells whether a file is so.
func (b *batch) has(is func(*pipelinev1.FileManifest) bool) bool {
	return slices.ContainsFunc(b.manifests, is)
}

// params are what questions about the files take.
func (b *batch) params() warehouse.Params {
	return warehouse.Params{"file_ids": b.fileIDs, "parse_ids": b.parseIDs, "landed_dates": b.landed}
}

// deadLetterDays are the days on which a dead letter about the files can have been written.
func (b *batch) deadLetterDays(now time.Time) []int32 {
	today := epoch.Day(now)
	var days []int32
	// A clock may be a little behind the one that stamps the dead letters.
	for day := slices.Min(append([]int32{today}, b.landed...)); day <= today+1; day++ {
		days = append(days, day)
	}
	return days
}

// traceparents are those of the files' traces.
func (b *batch) traceparents() []string {
	traceparents := make([]string, len(b.files))
	for i, file := range b.files {
		traceparents[i] = file.traceparent
	}
	return traceparents
}
