package rhythm

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// Fit finds the likeliest model of a sample. The same sample gives the same model.
//
// A prior that says little holds the parameters where the sample says nothing: each is
// log-normal about typical values with a spread of e^1.5. A hundred customers outweigh it;
// without any, the model is the prior's. usual is the pause in days to think of then.
func Fit(sample []Customers, usual int) (Model, error) {
	sample = slices.Clone(sample)
	slices.SortFunc(sample, func(a, b Customers) int {
		return cmp.Or(cmp.Compare(a.Repeats, b.Repeats), cmp.Compare(a.Recency, b.Recency), cmp.Compare(a.Age, b.Age))
	})
	pauses := new(big.Rat)
	for _, c := range sample {
		if c.LogPauses != nil {
			pauses.Add(pauses, c.LogPauses)
		}
	}
	logPauses, _ := pauses.Float64()
	var best Model
	least := math.Inf(1)
	for k := int64(1); k <= MaxK; k++ {
		centre := []float64{0, math.Log(float64(usual) / float64(k)), math.Log(0.5), math.Log(2)}
		problem := optimize.Problem{Func: func(at []float64) float64 {
			cost := -logLikelihood(modelAt(k, at), sample, logPauses)
			for i := range at {
				deviation := (at[i] - centre[i]) / priorSpread
				cost += deviation * deviation / 2
			}
			return cost
		}}
		at, cost := centre, math.Inf(1)
		for range restarts {
			found, err := optimize.Minimize(problem, at, &optimize.Settings{
				FuncEvaluations: maxEvaluations,
				Converger:       &optimize.FunctionConverge{Absolute: 1e-4, Iterations: 20},
			}, &optimize.NelderMead{})
			if err != nil {
				return Model{}, fmt.Errorf("fit the customers' rhythm with k = %d: %w", k, err)
			}
			at, cost = found.X, found.F
		}
		if cost < least {
			best, least = modelAt(k, at), cost
		}
	}
	best.R, best.Alpha, best.A, best.B = stated(best.R), stated(best.Alpha), stated(best.A), stated(best.B)
	return best, nil
}

const (
	priorSpread = 1.5
	// A simplex that has shrunk in a valley is set up anew where it ended.
	restarts       = 2
	maxEvaluations = 1000
)

// modelAt is the model at a place of the search, whose coordinates are logarithms: each
// parameter is greater than 0.
func modelAt(k int64, at []float64) Model {
	return Model{k, math.Exp(at[0]), math.Exp(at[1]), math.Exp(at[2]), math.Exp(at[3])}
}

// logLikelihood is that of a sample sorted by repeats, so that what depends on these alone
// is computed once for each number. The pauses' density has a part that only k changes:
// logPauses, the sum of their logarithms.
func logLikelihood(m Model, sample []Customers, logPauses float64) float64 {
	sum, common := float64(m.K-1)*logPauses, 0.0
	noOrder, perPause := logBeta(m.A, m.B)+logGamma(m.R)-m.R*math.Log(m.Alpha), logGamma(float64(m.K))
	for i, c := range sample {
		x := float64(c.Repeats)
		shape := m.R + float64(m.K)*x
		if i == 0 || c.Repeats != sample[i-1].Repeats {
			common = logBeta(m.A+1, m.B+x) + logGamma(shape) - noOrder - x*perPause
		}
		gone := common - shape*math.Log(m.Alpha+float64(c.Recency))
		sum += float64(c.Customers) * (gone + softplus(m.oddsAlive(c)))
	}
	return sum
}

// softplus is log(1 + e^v).
func softplus(v float64) float64 { return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) }

func logGamma(v float64) float64 {
	log, _ := math.Lgamma(v)
	return log
}

func logBeta(a, b float64) float64 { return logGamma(a) + logGamma(b) - logGamma(a+b) }
