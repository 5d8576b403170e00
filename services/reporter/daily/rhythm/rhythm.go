// Package rhythm fits a model of when customers buy and when they are gone, to a sample of
// the shop's own customers.
//
// The model is MBG/CNBD-k (Reutterer, Platzer and Schröder, "Leveraging purchase regularity
// for predicting customer behavior the easy way", International Journal of Research in
// Marketing 38, 2021): the pauses of a customer are Erlang-k distributed with a rate of his
// own, rates are gamma distributed (R, Alpha), and after each order, the first too, he is
// gone with a probability of his own, which is beta distributed (A, B). With K = 1 it is
// MBG/NBD (Batislam, Denizel and Filiztekin, 2007), a BG/NBD (Fader, Hardie and Lee, 2005)
// whose one-time buyers may be gone, too. A greater K says that the shop's customers keep
// their rhythm: the same absence says more.
//
// Only orders' days count, so that two orders of one day are one. The unit of time is a day.
//
// Parameters and probabilities are floats, amounts are not: what the report multiplies with
// an amount it has rounded to NUMERIC before, in sql/reports.
package rhythm

import (
	"math"
	"math/big"
	"strconv"
)

// Customers are how many of the sample have the same history.
type Customers struct {
	Repeats   int64 `bigquery:"repeats"`   // order days after the first
	Recency   int64 `bigquery:"recency"`   // days from the first order day to the last
	Age       int64 `bigquery:"age"`       // days from the first order day to the report's
	Customers int64 `bigquery:"customers"` // how many
	// LogPauses is the sum of the natural logarithms of all their pauses, exact to 9 decimals
	// each, so that it does not depend on the order in which they are added up.
	LogPauses *big.Rat `bigquery:"log_pauses"`
}

// Model is a fitted model. Its parameters have six significant digits, so that what is
// written down is what was computed with.
type Model struct {
	K              int64
	R, Alpha, A, B float64
}

// MaxK is how regular buyers may be. The statement that scores writes the K terms out.
const MaxK = 4

// String is the model as report_runs keeps it, behind the variables.
func (m Model) String() string {
	return "MODEL=MBG/CNBD-" + strconv.FormatInt(m.K, 10) + " R=" + digits(m.R) + " ALPHA=" + digits(m.Alpha) + " A=" + digits(m.A) + " B=" + digits(m.B)
}

// Params are the parameters as the statements take them.
func (m Model) Params() map[string]any {
	return map[string]any{"model_k": m.K, "model_r": m.R, "model_alpha": m.Alpha, "model_a": m.A, "model_b": m.B}
}

func digits(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// stated is a parameter as it is written down.
func stated(v float64) float64 {
	rounded, err := strconv.ParseFloat(digits(v), 64)
	if err != nil {
		return v
	}
	return rounded
}

// oddsAlive is the logarithm of how much likelier a customer still buys than that he is gone.
func (m Model) oddsAlive(c Customers) float64 {
	shape := m.R + float64(m.K*c.Repeats)
	seen, watched := m.Alpha+float64(c.Recency), m.Alpha+float64(c.Age)
	unseen := float64(c.Age-c.Recency) / watched
	terms, term := 1.0, 1.0 // the stages of an Erlang-K pause that he may be in
	for j := 1; j < int(m.K); j++ {
		term *= (shape + float64(j-1)) * unseen / float64(j)
		terms += term
	}
	return math.Log((m.B+float64(c.Repeats))/m.A) + math.Log(terms) + shape*math.Log(seen/watched)
}
