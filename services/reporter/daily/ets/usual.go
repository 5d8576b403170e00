package ets

import (
	"math"
	"slices"
)

const (
	// around is how many values of the same place in the season say what is usual: the value, two before and two after.
	around = 5
	// atMost is how many steps in a row are taken to be unusual: of days those from Black Friday to Cyber Monday. What
	// lasts longer is how things are now.
	atMost = 4
)

// Usual returns the series with its unusual values replaced by what is usual at their place in the season, so that a day
// without deliveries or a sale does not bend the forecast of a month. The series itself stays as it is.
//
// The usual value is the median of the same place in the five nearest seasons, the value's own among them (the Hampel filter:
// Davies and Gather, "The identification of multiple outliers", 1993). Its distance is that of the roots, as counts have
// it whose spread grows with them. Unusual is what lies further outside of the quartiles of all distances than three times
// what is between the quartiles, as in tsoutliers of the R package forecast (Hyndman, "Detecting time series outliers", 2021),
// and is a quarter more or less than usual. Values further out on the same side than half of that belong to it; if there
// are more than four in a row, it is a new level, and none is replaced. Where 0 is usual nothing is judged: rare sales are no errors.
func Usual(values []float64, period int) []float64 {
	usual, distance := make([]float64, len(values)), make([]float64, len(values))
	var judged []float64
	for i, v := range values {
		if usual[i] = median(neighbours(values, i, period)); usual[i] > 0 {
			distance[i] = math.Sqrt(max(0, v)) - math.Sqrt(usual[i])
			judged = append(judged, distance[i])
		}
	}
	out := slices.Clone(values)
	if len(judged) == 0 {
		return out
	}
	slices.Sort(judged)
	low, high := quantile(judged, 1), quantile(judged, 3)
	for i := 0; i < len(values); {
		side := sideOf(distance[i], low, high, 1.5)
		end := i + 1
		for side != 0 && end < len(values) && sideOf(distance[end], low, high, 1.5) == side {
			end++
		}
		for at := i; side != 0 && end-i <= atMost && at < end; at++ {
			if sideOf(distance[at], low, high, 3) != 0 && math.Abs(values[at]-usual[at]) >= usual[at]/4 {
				out[at] = usual[at]
			}
		}
		i = end
	}
	return out
}

// FitUsual is Fit of the series without its unusual values.
func FitUsual(values []float64, period int) (Model, error) { return Fit(Usual(values, period), period) }

// neighbours are the values of the same place in the season that are nearest to the i-th, an odd number of them, so
// that their median is one of them.
func neighbours(values []float64, i, period int) []float64 {
	first := i % period
	seasons := (len(values) - first + period - 1) / period
	n := min(around, seasons-1+seasons%2)
	from := min(max(0, i/period-n/2), seasons-n)
	out := make([]float64, n)
	for k := range out {
		out[k] = values[first+(from+k)*period]
	}
	return out
}

// median is that of an odd number of values, which it sorts.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// quantile is so many quarters of the sorted values, interpolated between two.
func quantile(sorted []float64, quarters int) float64 {
	at := (len(sorted) - 1) * quarters
	below, share := sorted[at/4], float64(at%4)/4
	return below + share*(sorted[min(at/4+1, len(sorted)-1)]-below)
}

// sideOf tells on which side a distance lies so many times outside of the quartiles as they are apart; 0: inside.
func sideOf(distance, low, high, times float64) int {
	switch width := times * (high - low); {
	case width <= 0:
		return 0
	case distance > high+width:
		return 1
	case distance < low-width:
		return -1
	}
	return 0
}
