package ets

import "math"

// Backtest is how far forecasts of the past were off: the sum of the errors by the sum of the values (WAPE),
// of the model and of the seasonal naive forecast, which repeats the last season.
type Backtest struct {
	Origins      int // how often was forecast; 0: the series is too short or all 0, and the rest means nothing
	Model, Naive float64
}

// Forecaster says what comes in so many steps after what is known.
type Forecaster func(known []float64, steps int) ([]Step, error)

// Test forecasts so many steps from up to origins earlier ends of a series, one after the other without
// overlap, each time by what was known then. What came is the series as it is, however unusual.
func Test(forecast Forecaster, values []float64, period, steps, origins int) (Backtest, error) {
	var b Backtest
	var missed, repeated, sum float64
	for end := len(values) - steps; end >= MinSeasons*period && b.Origins < origins; end -= steps {
		said, err := forecast(values[:end], steps)
		if err != nil {
			return b, err
		}
		b.Origins++
		for h, f := range said {
			actual := values[end+h]
			missed += math.Abs(actual - max(0, f.Mean))
			repeated += math.Abs(actual - values[end-period+h%period])
			sum += math.Abs(actual)
		}
	}
	if sum == 0 {
		return Backtest{}, nil
	}
	b.Model, b.Naive = missed/sum, repeated/sum
	return b, nil
}
