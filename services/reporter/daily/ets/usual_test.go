package ets

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestUsual(t *testing.T) {
	t.Parallel()
	steady := shop(rand.New(rand.NewPCG(7, 7)), 182, 200)
	changed := func(change func([]float64)) []float64 {
		values := slices.Clone(steady)
		change(values)
		return values
	}
	rare := make([]float64, 182)
	for i := 3; i < len(rare); i += 11 {
		rare[i] = float64(1 + i%40)
	}
	for name, test := range map[string]struct {
		values   []float64
		replaced []int
	}{
		"an outage":             {changed(func(v []float64) { v[100] = 0 }), []int{100}},
		"an outage, the newest": {changed(func(v []float64) { v[181] = 0 }), []int{181}},
		"a weekend's sale":      {changed(func(v []float64) { v[89] *= 4; v[90] *= 4; v[91] *= 5; v[92] *= 5 }), []int{89, 90, 91, 92}},
		"an outage and a sale":  {changed(func(v []float64) { v[50] = 0; v[51] *= 5 }), []int{50, 51}},
		"a new level, long ago": {changed(func(v []float64) { double(v[90:]) }), nil},
		"a new level, a week":   {changed(func(v []float64) { double(v[175:]) }), nil},
		"a new level, 5 days":   {changed(func(v []float64) { double(double(v[177:])) }), nil},
		"closed on one weekday": {changed(func(v []float64) {
			for i := 4; i < len(v); i += 7 {
				v[i] = 0
			}
			v[11] = 60 // one of them was open
		}), nil},
		"nothing unusual": {steady, nil},
		"rare sales":      {rare, nil},
		"all the same":    {slices.Repeat([]float64{5}, 182), nil},
		"nothing at all":  {nil, nil},
		"four weeks":      {append(slices.Clone(steady[:20]), append([]float64{0}, steady[21:28]...)...), []int{20}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := slices.Clone(test.values)
			var replaced []int
			for i, v := range Usual(test.values, 7) {
				if v != test.values[i] {
					replaced = append(replaced, i)
					if math.Abs(v-steady[i]) > 0.35*steady[i] {
						t.Errorf("the value at %d is replaced by %.1f; it would have been %.1f", i, v, steady[i])
					}
				}
			}
			if !slices.Equal(replaced, test.replaced) {
				t.Errorf("replaced are %v, want %v", replaced, test.replaced)
			}
			if !slices.Equal(before, test.values) {
				t.Error("the series itself is changed")
			}
		})
	}
}

func double(values []float64) []float64 {
	for i := range values {
		values[i] *= 2
	}
	return values
}

// TestUsualLeavesOrdinaryDays counts what is replaced where nothing happened.
func TestUsualLeavesOrdinaryDays(t *testing.T) {
	t.Parallel()
	replaced := 0
	for seed := range uint64(50) {
		values := shop(rand.New(rand.NewPCG(seed, 4)), 182, 200)
		for i, v := range Usual(values, 7) {
			if v != values[i] {
				replaced++
			}
		}
	}
	t.Logf("%d of %d ordinary days are replaced", replaced, 50*182)
	if replaced > 50*182/200 {
		t.Errorf("%d of %d ordinary days are replaced", replaced, 50*182)
	}
}

// TestUsualDaysForecastBetter forecasts 28 days of shops in whose past something happened, with and without the unusual
// days, and holds both to what came.
func TestUsualDaysForecastBetter(t *testing.T) {
	t.Parallel()
	const past, ahead = 154, 28
	for name, test := range map[string]struct {
		change func(v []float64)
		most   float64 // what the error may be of that without it
	}{
		"nothing":                   {func([]float64) {}, 1.03},
		"an outage yesterday":       {func(v []float64) { v[past-1] = 0 }, 0.9},
		"an outage three weeks ago": {func(v []float64) { v[past-20] = 0 }, 1},
		"a sale of four days, a week ago": {func(v []float64) {
			for i := past - 11; i < past-7; i++ {
				v[i] *= 4
			}
		}, 0.8},
		"half as much since a week":       {func(v []float64) { halve(v[past-7:]) }, 1.05},
		"twice as much since three weeks": {func(v []float64) { double(v[past-21:]) }, 1.05},
		"twice as much since 5 days":      {func(v []float64) { double(v[past-5:]) }, 1.05},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var with, without float64
			for seed := range uint64(20) {
				values := shop(rand.New(rand.NewPCG(seed, 12)), past+ahead, 200)
				test.change(values)
				miss := func(fit func([]float64, int) (Model, error)) (missed float64) {
					model, err := fit(values[:past], 7)
					if err != nil {
						t.Fatal(err)
					}
					sum := 0.0
					for h, f := range model.Forecast(ahead, 0) {
						missed += math.Abs(values[past+h] - max(0, f.Mean))
						sum += values[past+h]
					}
					return missed / sum / 20
				}
				with += miss(Fit)
				without += miss(FitUsual)
			}
			t.Logf("WAPE %.3f with all days, %.3f without the unusual ones", with, without)
			if without > test.most*with {
				t.Errorf("WAPE %.3f without the unusual days, %.3f with them", without, with)
			}
		})
	}
}

func halve(values []float64) {
	for i := range values {
		values[i] /= 2
	}
}
