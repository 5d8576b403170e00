package ets

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"
)

// MinSeasons is how many whole seasons a series needs to be fitted.
const MinSeasons = 4

// Fit finds the weights whose forecasts of one step miss a series least, in squares. The same
// series gives the same model.
func Fit(values []float64, period int) (Model, error) {
	if period < 2 || len(values) < MinSeasons*period {
		return Model{}, fmt.Errorf("fit %d values with seasons of %d: %d are needed", len(values), period, MinSeasons*period)
	}
	first := start(values, period)
	scale := 0.0
	for _, v := range values {
		scale = max(scale, math.Abs(v))
	}
	if scale == 0 {
		return Run(Weights{}, first, values), nil
	}
	problem := optimize.Problem{Func: func(at []float64) float64 {
		return Run(weightsAt(at), first, values).Variance / scale / scale * 1e6
	}}
	// The coordinates are logits. A search that begins with slow and one that begins with quick
	// weights end in different valleys at times.
	var best Model
	least := math.Inf(1)
	for _, from := range [][]float64{{-2, -3, -3, 2}, {0, -2, -1, 2}} {
		found, err := optimize.Minimize(problem, from, &optimize.Settings{
			FuncEvaluations: 600, Converger: &optimize.FunctionConverge{Relative: 1e-7, Absolute: 1e-9, Iterations: 30},
		}, &optimize.NelderMead{})
		if err != nil {
			return Model{}, fmt.Errorf("fit %d values: %w", len(values), err)
		}
		if found.F < least {
			best, least = Run(weightsAt(found.X), first, values), found.F
		}
	}
	return best, nil
}

// weightsAt are weights in their usual region: beta below alpha, gamma below 1 - alpha, a trend that
// is damped by a fiftieth a step at least and by a fifth at most.
func weightsAt(at []float64) Weights {
	share := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	level := 0.0001 + 0.9998*share(at[0])
	return Weights{Level: level, Trend: level * share(at[1]), Season: (1 - level) * share(at[2]), Damping: 0.8 + 0.18*share(at[3])}
}

// start is the state before the first value: the mean of the first two seasons for a level, what one
// gained on the other for a trend, and how far each step of the first seasons was from its season's mean.
func start(values []float64, period int) State {
	seasons := min(len(values)/period, 8)
	mean := make([]float64, seasons)
	for i := range seasons * period {
		mean[i/period] += values[i] / float64(period)
	}
	trend := (mean[1] - mean[0]) / float64(period)
	s := State{Level: mean[0] - trend*float64(period+1)/2, Trend: trend, Season: make([]float64, period)}
	for i := range seasons * period {
		s.Season[i%period] += (values[i] - mean[i/period]) / float64(seasons)
	}
	return s
}
