package generate

import (
	"slices"
	"time"
)

// In percent of an ordinary day.
var (
	weekdays = [7]int{112, 94, 90, 93, 98, 110, 122} // from Sunday
	months   = [12]int{86, 84, 90, 93, 96, 98, 94, 92, 97, 103, 114, 126}
)

const (
	outageAgo   = 17 // days ago that the shop was down for most of a day
	campaignAgo = 1  // days ago that one category was advertised
)

// campaignCategory is what the campaign was for.
const campaignCategory = 3

// season tells how much is bought in each hour of a history.
type season struct {
	hours []int64 // microseconds at which each begins, the last one's end too
	sums  []int64 // weight of all hours up to this one's end
	ago   []int   // days before the last one
	day   int64   // weight of an average day
}

// newSeason weighs the hours from midnight, so many days before the day of to, until then.
func newSeason(to time.Time, days int) season {
	var s season
	year, month, date := to.Date()
	from := time.Date(year, month, date-days, 0, 0, 0, 0, to.Location())
	sum := int64(0)
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		y, m, d := at.Date()
		// Days of the calendar, not of 24 hours.
		ago := int(time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
		next := months[int(at.Month())%12]
		ofYear := months[at.Month()-1] + (next-months[at.Month()-1])*d/31
		weight := int64(busy[at.Hour()] * weekdays[at.Weekday()] * ofYear)
		switch {
		case ago == outageAgo && at.Hour() >= 6:
			weight /= 8
		case ago == campaignAgo:
			weight = weight * 13 / 10
		}
		if left := to.Sub(at); left < time.Hour {
			weight = weight * int64(left/time.Second) / 3600
		}
		sum += weight
		s.hours, s.sums, s.ago = append(s.hours, at.UnixMicro()), append(s.sums, sum), append(s.ago, ago)
	}
	s.hours = append(s.hours, to.UnixMicro())
	s.day = sum / int64(days)
	return s
}

// all is the weight of the whole history.
func (s *season) all() int64 { return s.sums[len(s.sums)-1] }

// at is when so much of the history's weight has passed, and how many days before its last one.
func (s *season) at(passed int64) (micros int64, ago int) {
	i, _ := slices.BinarySearch(s.sums, passed+1)
	before := int64(0)
	if i > 0 {
		before = s.sums[i-1]
	}
	return s.hours[i] + (passed-before)*(s.hours[i+1]-s.hours[i])/(s.sums[i]-before), s.ago[i]
}

// Happening is something that a shop would remark about a day of its history.
type Happening struct {
	Day      time.Time // its beginning
	Text     string
	Category string // that it was about; empty: the whole shop
}

// Happenings are what the history has of that, the newest last.
func (h *History) Happenings() []Happening {
	var all []Happening
	for _, one := range []struct {
		ago int
		Happening
	}{
		{outageAgo, Happening{Text: "The shop was down from 6 o'clock on"}},
		{campaignAgo, Happening{Text: "Campaign for " + categories[campaignCategory], Category: categories[campaignCategory]}},
	} {
		if i := slices.Index(h.season.ago, one.ago); i >= 0 {
			one.Day = time.UnixMicro(h.season.hours[i]).In(h.location)
			all = append(all, one.Happening)
		}
	}
	return all
}
