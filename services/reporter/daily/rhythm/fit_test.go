package rhythm

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// drawn are customers whose rates, chances to be gone and pauses are those of a model.
func drawn(m Model, n, watched int, rnd *rand.Rand) []Customers {
	gamma := func(shape float64) float64 { // Marsaglia and Tsang, 2000
		boost := 1.0
		if shape < 1 {
			boost, shape = math.Pow(rnd.Float64(), 1/shape), shape+1
		}
		d := shape - 1.0/3
		for {
			x := rnd.NormFloat64()
			v := math.Pow(1+x/math.Sqrt(9*d), 3)
			if v > 0 && math.Log(1-rnd.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
				return boost * d * v
			}
		}
	}
	sample := make([]Customers, n)
	for i := range sample {
		rate := gamma(m.R) / m.Alpha
		leave := gamma(m.A)
		leave /= leave + gamma(m.B)
		age := float64(rnd.IntN(watched))
		c := Customers{Age: int64(age), Customers: 1, LogPauses: new(big.Rat)}
		logs := 0.0
		for at := 0.0; rnd.Float64() >= leave; {
			pause := 0.0
			for range m.K {
				pause += rnd.ExpFloat64() / rate
			}
			pause = max(1, math.Round(pause))
			if at += pause; at > age {
				break
			}
			c.Repeats++
			c.Recency = int64(at)
			logs += math.Log(pause)
		}
		c.LogPauses.SetFloat64(logs)
		sample[i] = c
	}
	return sample
}

// TestFitFindsTheModel draws customers of known models and finds these again.
func TestFitFindsTheModel(t *testing.T) {
	t.Parallel()
	for _, truth := range []Model{
		{K: 1, R: 1.5, Alpha: 40, A: 0.8, B: 3},
		{K: 3, R: 2, Alpha: 12, A: 0.6, B: 4},
	} {
		t.Run(truth.String(), func(t *testing.T) {
			t.Parallel()
			sample := drawn(truth, 4_000, 500, rand.New(rand.NewPCG(7, uint64(truth.K))))
			got, err := Fit(sample, 30)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(got)
			if got.K != truth.K {
				t.Errorf("k is %d", got.K)
			}
			for _, p := range []struct {
				what      string
				want, got float64
				within    float64
			}{
				{"r", truth.R, got.R, 0.2},
				{"mean pause", truth.Alpha * float64(truth.K) / truth.R, got.Alpha * float64(got.K) / got.R, 0.1},
				{"chance to be gone", truth.A / (truth.A + truth.B), got.A / (got.A + got.B), 0.1},
			} {
				if math.Abs(p.got/p.want-1) > p.within {
					t.Errorf("%s is %.4f, want %.4f", p.what, p.got, p.want)
				}
			}
			again, err := Fit(sample, 30)
			if err != nil || again != got {
				t.Errorf("the same sample has two models: %v, %v, %v", got, again, err)
			}
		})
	}
}

// TestLikelihood compares MBG/NBD with its two parts as the papers write them down: still a
// customer, and gone after the last order.
func TestLikelihood(t *testing.T) {
	t.Parallel()
	m := Model{K: 1, R: 0.9, Alpha: 21, A: 0.7, B: 2.5}
	for _, c := range []Customers{{0, 0, 90, 1, nil}, {3, 60, 90, 1, nil}, {12, 88, 90, 1, nil}} {
		x, recency, age := float64(c.Repeats), float64(c.Recency), float64(c.Age)
		beta := func(a, b float64) float64 { return math.Exp(logBeta(a, b)) }
		bought := math.Gamma(m.R+x) / math.Gamma(m.R) * math.Pow(m.Alpha, m.R)
		want := math.Log(bought / beta(m.A, m.B) *
			(beta(m.A, m.B+x+1)/math.Pow(m.Alpha+age, m.R+x) + beta(m.A+1, m.B+x)/math.Pow(m.Alpha+recency, m.R+x)))
		if got := logLikelihood(m, []Customers{c}, 0); math.Abs(got-want) > 1e-9 {
			t.Errorf("%+v: %.9f, want %.9f", c, got, want)
		}
	}
}

// TestFitOfLittle holds that a shop that has just begun has a model.
func TestFitOfLittle(t *testing.T) {
	t.Parallel()
	for name, sample := range map[string][]Customers{
		"nobody": nil, "one order": {{0, 0, 0, 1, new(big.Rat)}}, "thousands of one order": {{0, 0, 400, 5000, new(big.Rat)}},
		"one who never stops": {{3000, 3000, 3000, 1, new(big.Rat)}}, "all of one day": {{0, 0, 0, 1e9, new(big.Rat)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := Fit(sample, 30)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range []float64{m.R, m.Alpha, m.A, m.B} {
				if !(v > 0) || math.IsInf(v, 0) {
					t.Errorf("model %v", m)
				}
			}
			t.Log(m)
		})
	}
	nobody, err := Fit(nil, 30)
	if diff := cmp.Diff("MODEL=MBG/CNBD-1 R=1 ALPHA=30 A=0.5 B=2", nobody.String()); diff != "" || err != nil {
		t.Errorf("without customers (-want +got):\n%s%v", diff, err)
	}
}

func BenchmarkFit(b *testing.B) {
	sample := drawn(Model{K: 2, R: 1.5, Alpha: 20, A: 0.8, B: 3}, 5_000, 500, rand.New(rand.NewPCG(1, 2)))
	for b.Loop() {
		if _, err := Fit(sample, 30); err != nil {
			b.Fatal(err)
		}
	}
}
