// Package ets forecasts a series of equal steps by exponential smoothing: the additive method of
// Holt and Winters with a damped trend, as the state space model ETS(A,Ad,A), whose intervals have a
// closed form (Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing", 2008, chapters 2 and 6).
//
// A forecast is an estimate, and computed with floats. Whoever takes it for an amount rounds it to the
// cent first; nothing that was paid passes through here.
package ets

import "math"

// Weights are how much the newest value says: of the level, of the trend, of the season (each between
// 0 and 1), and how much of the trend a step leaves of it (1: it goes on for ever).
type Weights struct{ Level, Trend, Season, Damping float64 }

// State is what is known after a step. Season has the next steps' seasons, the nearest first.
type State struct {
	Level, Trend float64
	Season       []float64
}

// next is the forecast of one step.
func (s State) next(w Weights) float64 { return s.Level + w.Damping*s.Trend + s.Season[0] }

// step takes a value over, in the form that corrects by the error of the forecast. Trend and Season are
// weights of the error as such: alpha x beta* and gamma of the component form.
func (s *State) step(w Weights, value float64) (err float64) {
	err = value - s.next(w)
	season := s.Season[0] + w.Season*err
	s.Level += w.Damping*s.Trend + w.Level*err
	s.Trend = w.Damping*s.Trend + w.Trend*err
	copy(s.Season, s.Season[1:])
	s.Season[len(s.Season)-1] = season
	return err
}

// Model is a series as it stands at its end.
type Model struct {
	Weights Weights
	State   State
	// Variance is that of the errors of one step.
	Variance float64
}

// Run takes a series over from a first state. It leaves the state as it is.
func Run(w Weights, first State, values []float64) Model {
	state := State{first.Level, first.Trend, append([]float64(nil), first.Season...)}
	sum := 0.0
	for _, v := range values {
		err := state.step(w, v)
		sum += err * err
	}
	return Model{w, state, sum / max(1, float64(len(values)))}
}

// Step is the forecast of one step.
type Step struct{ Mean, Low, High float64 }

// Forecast gives the steps to come, each with the interval that holds it with the probability of so
// many standard deviations of a normal distribution (1.96: 95 %).
func (m Model) Forecast(steps int, deviations float64) []Step {
	out := make([]Step, steps)
	damped, weight, variance := 0.0, 0.0, 1.0 // phi + phi^2 + ..., of the trend; the variance in steps' own
	for h := range steps {
		if h > 0 {
			variance += weight * weight
		}
		damped += math.Pow(m.Weights.Damping, float64(h+1))
		mean := m.State.Level + damped*m.State.Trend + m.State.Season[h%len(m.State.Season)]
		width := deviations * math.Sqrt(m.Variance*variance)
		out[h] = Step{mean, mean - width, mean + width}
		// What an error of this step adds to the one after the next h: c_j of the book, j = h + 1.
		weight = m.Weights.Level + m.Weights.Trend*damped
		if (h+1)%len(m.State.Season) == 0 {
			weight += m.Weights.Season
		}
	}
	return out
}
