package ets

import (
	"math"
	"math/rand/v2"
	"testing"
)

// visitors are the quarterly nights of international visitors in Australia, 2005 to 2015 (millions), with
// which Hyndman and Athanasopoulos show the method ("Forecasting: principles and practice", 2nd edition,
// section 7.3, table 7.3).
var visitors = []float64{
	42.21, 24.65, 32.67, 37.26, 45.24, 29.35, 36.34, 41.78, 49.28, 31.28, 37.85, 38.84, 51.24, 31.84, 41.32, 42.80, 55.71, 33.41, 42.32, 45.16, 59.58, 34.84,
	44.84, 46.97, 60.02, 38.37, 46.98, 50.73, 61.65, 39.30, 52.67, 54.33, 66.83, 40.87, 51.83, 57.49, 65.25, 43.06, 54.76, 59.83, 73.26, 47.70, 61.10, 66.06,
}

// TestPublishedExample follows the book's table with its weights and first state, and finds its four
// forecasts, to what its two printed decimals carry through 44 steps.
func TestPublishedExample(t *testing.T) {
	t.Parallel()
	w := Weights{Level: 0.3063, Trend: 0.0001, Season: 0.4263, Damping: 1}
	first := State{Level: 32.26, Trend: 0.70, Season: []float64{9.70, -9.31, -1.69, 1.31}}
	state := State{first.Level, first.Trend, append([]float64(nil), first.Season...)}
	for i, want := range []float64{42.66, 24.21, 32.67, 36.37} {
		if got := state.next(w); math.Abs(got-want) > 0.03 {
			t.Errorf("forecast of quarter %d is %.3f, want %.2f", i+1, got, want)
		}
		state.step(w, visitors[i])
	}
	model := Run(w, first, visitors)
	for h, want := range []float64{76.10, 51.60, 63.97, 68.37} {
		if got := model.Forecast(4, 0)[h].Mean; math.Abs(got-want) > 0.1 {
			t.Errorf("forecast %d is %.3f, want %.2f", h+1, got, want)
		}
	}
	if rmse := math.Sqrt(model.Variance); math.Abs(rmse-1.763) > 0.02 {
		t.Errorf("root of the mean square of the errors is %.3f, want 1.763", rmse)
	}
}

// TestFitOfThePublishedExample holds that the search is nearly as good as the book's.
func TestFitOfThePublishedExample(t *testing.T) {
	t.Parallel()
	model, err := Fit(visitors, 4)
	if err != nil {
		t.Fatal(err)
	}
	rmse := math.Sqrt(model.Variance)
	t.Logf("weights %+v, root mean square %.3f, forecasts %.2f", model.Weights, rmse, model.Forecast(4, 0))
	if rmse > 1.763*1.06 { // the trend is damped, and the first state is not searched for
		t.Errorf("root of the mean square of the errors is %.3f, the book's 1.763", rmse)
	}
	again, err := Fit(visitors, 4)
	if err != nil || again.Weights != model.Weights || again.Variance != model.Variance {
		t.Errorf("the same series has two models: %v %v %v", model, again, err)
	}
}

// TestIntervals draws many continuations of a model and counts those inside of its intervals.
func TestIntervals(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 9))
	m := Model{
		Weights: Weights{Level: 0.3, Trend: 0.05, Season: 0.2, Damping: 0.95}, Variance: 16,
		State: State{Level: 100, Trend: 1, Season: []float64{10, 4, -3, -8, -7, 1, 3}},
	}
	const paths, steps = 4000, 28
	forecast := m.Forecast(steps, 1.2816)
	inside := make([]int, steps)
	for range paths {
		state := State{m.State.Level, m.State.Trend, append([]float64(nil), m.State.Season...)}
		for h := range steps {
			value := state.next(m.Weights) + 4*rnd.NormFloat64()
			state.step(m.Weights, value)
			if value >= forecast[h].Low && value <= forecast[h].High {
				inside[h]++
			}
		}
	}
	for h, n := range inside {
		if share := float64(n) / paths; math.Abs(share-0.8) > 0.025 {
			t.Errorf("%.3f of the paths are inside at step %d, want 0.8", share, h+1)
		}
	}
}

// shop is a year of a shop's days: weekdays, growth, a little memory, noise.
func shop(rnd *rand.Rand, days int, scale float64) []float64 {
	week := []float64{1, 0.9, 0.85, 0.95, 1.2, 1.5, 1.1}
	values, level := make([]float64, days), scale
	for i := range values {
		level *= 1 + 0.001 + 0.01*rnd.NormFloat64()
		values[i] = max(0, level*week[i%7]*(1+0.1*rnd.NormFloat64()))
	}
	return values
}

// by forecasts days with what fit makes of them.
func by(fit func([]float64, int) (Model, error)) Forecaster {
	return func(known []float64, steps int) ([]Step, error) {
		model, err := fit(known, 7)
		return model.Forecast(steps, 0), err
	}
}

// TestBacktestBeatsTheNaive holds that the forecast of 28 days is off by a fifth less than last week, repeated.
func TestBacktestBeatsTheNaive(t *testing.T) {
	t.Parallel()
	var model, naive float64
	for seed := range uint64(10) {
		b, err := Test(by(Fit), shop(rand.New(rand.NewPCG(seed, 3)), 182, 200), 7, 28, 3)
		if err != nil || b.Origins != 3 {
			t.Fatalf("%+v, %v", b, err)
		}
		t.Logf("seed %d: WAPE %.3f, naive %.3f", seed, b.Model, b.Naive)
		model += b.Model / 10
		naive += b.Naive / 10
	}
	t.Logf("on average %.3f, naive %.3f", model, naive)
	if model > 0.2 || model > 0.9*naive {
		t.Errorf("WAPE %.3f, naive %.3f", model, naive)
	}
}

func TestOddSeries(t *testing.T) {
	t.Parallel()
	spike := make([]float64, 182)
	spike[100] = 1e12
	for name, values := range map[string][]float64{"zeros": make([]float64, 182), "one spike": spike, "shortest": shop(rand.New(rand.NewPCG(1, 1)), 28, 1e-3)} {
		model, err := FitUsual(values, 7)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for h, f := range model.Forecast(28, 1.2816) {
			if math.IsNaN(f.Mean) || math.IsInf(f.Low, 0) || f.Low > f.Mean || f.High < f.Mean {
				t.Errorf("%s: step %d is %+v", name, h+1, f)
			}
		}
	}
	if _, err := Fit(make([]float64, 27), 7); err == nil {
		t.Error("27 days are fitted")
	}
	if b, err := Test(by(FitUsual), make([]float64, 182), 7, 28, 3); err != nil || b.Origins != 0 {
		t.Errorf("backtest of nothing: %+v, %v", b, err)
	}
}
