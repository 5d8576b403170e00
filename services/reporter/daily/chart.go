package daily

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"
)

// chart is a bar per day and a line over them, in the coordinates of its viewBox.
// Only coordinates are floats: an amount is drawn, never computed with.
type chart struct {
	Width, Height int
	Bars          []bar
	Line          string // points of the moving average
	Grid          []gridLine
	Ticks         []tick
}

type bar struct {
	X, Y, Width, Height string
	Class, Title        string
}

type gridLine struct{ Y, Label string }

type tick struct{ X, Label string }

// point is a day of a series.
type point struct {
	day     civil.Date
	revenue *big.Rat
	average *big.Rat // nil: not known
	anomaly string
}

const (
	chartWidth, chartHeight = 720, 190
	chartLeft, chartBottom  = 56, 22
	chartTop                = 8
)

// newChart draws days, oldest first.
func newChart(days []point) chart {
	c := chart{Width: chartWidth, Height: chartHeight}
	if len(days) == 0 {
		return c
	}
	top := 0.0
	for _, d := range days {
		top = max(top, drawn(d.revenue))
	}
	top, step := niceTop(top)
	height := func(v float64) float64 { return v / top * (chartHeight - chartTop - chartBottom) }
	slot := float64(chartWidth-chartLeft) / float64(len(days))
	var line []string
	for i, d := range days {
		x, h := chartLeft+float64(i)*slot, height(drawn(d.revenue))
		class := ""
		if d.anomaly != "" {
			class = d.anomaly
		}
		c.Bars = append(c.Bars, bar{
			X: at(x + slot*0.12), Y: at(chartHeight - chartBottom - h), Width: at(slot * 0.76), Height: at(h), Class: class,
			Title: d.day.String() + ": " + money(d.revenue),
		})
		if d.average != nil {
			line = append(line, at(x+slot/2)+","+at(chartHeight-chartBottom-height(drawn(d.average))))
		}
		if d.day.Day == 1 || i == 0 && d.day.Day < 22 {
			c.Ticks = append(c.Ticks, tick{at(x), d.day.In(time.UTC).Format("2 Jan")})
		}
	}
	c.Line = strings.Join(line, " ")
	for v := 0.0; v <= top*1.001; v += step {
		c.Grid = append(c.Grid, gridLine{at(chartHeight - chartBottom - height(v)), short(v)})
	}
	return c
}

// niceTop is a round number that is not below v, and a round fraction of it.
func niceTop(v float64) (top, step float64) {
	if v <= 0 {
		return 1, 1
	}
	unit := 1.0
	for unit*10 <= v {
		unit *= 10
	}
	for unit > v {
		unit /= 10
	}
	for _, m := range []float64{1, 2, 4, 5, 10} {
		if m*unit >= v {
			switch m {
			case 1, 5, 10:
				return m * unit, m * unit / 5
			default:
				return m * unit, m * unit / 4
			}
		}
	}
	return 10 * unit, 2 * unit
}

// short is a number of an axis: 1200 is 1.2k.
func short(v float64) string {
	for _, s := range []struct {
		unit float64
		name string
	}{{1e9, "bn"}, {1e6, "m"}, {1e3, "k"}} {
		if v >= s.unit {
			return strconv.FormatFloat(v/s.unit, 'f', -1, 64) + s.name
		}
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

const sparkWidth, sparkHeight = 120, 22

// spark is the points of a small line, oldest first; "" for less than two days.
func spark(days []point) string {
	if len(days) < 2 {
		return ""
	}
	top := 0.0
	for _, d := range days {
		top = max(top, drawn(d.revenue))
	}
	if top == 0 {
		top = 1
	}
	points := make([]string, len(days))
	for i, d := range days {
		x := float64(i) / float64(len(days)-1) * sparkWidth
		points[i] = at(x) + "," + at(sparkHeight-1-drawn(d.revenue)/top*(sparkHeight-2))
	}
	return strings.Join(points, " ")
}

// drawn is an amount as the length of a bar or the height of a point; no figure is made of it.
func drawn(r *big.Rat) float64 {
	if r == nil {
		return 0
	}
	f, _ := r.Float64()
	return f
}

// at is a coordinate.
func at(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") }
