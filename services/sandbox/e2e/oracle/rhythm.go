package oracle

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// Rhythm are the parameters of the churn model MBG/CNBD-k.
type Rhythm struct {
	K              int
	R, Alpha, A, B float64
}

// ReadRhythm reads a model out of what report_runs keeps with the churn report.
func ReadRhythm(parameters string) (m Rhythm, err error) {
	for part := range strings.FieldsSeq(parameters) {
		name, value, _ := strings.Cut(part, "=")
		target, wanted := map[string]*float64{"R": &m.R, "ALPHA": &m.Alpha, "A": &m.A, "B": &m.B}[name]
		switch {
		case wanted:
			*target, err = strconv.ParseFloat(value, 64)
		case name == "MODEL":
			m.K, err = strconv.Atoi(strings.TrimPrefix(value, "MBG/CNBD-"))
		}
		if err != nil {
			return m, fmt.Errorf("model in %q: %w", parameters, err)
		}
	}
	if m.K == 0 || m.R == 0 || m.Alpha == 0 || m.A == 0 || m.B == 0 {
		return m, fmt.Errorf("no model in %q", parameters)
	}
	return m, nil
}

// history is what the model knows of a buyer: repeated order days, and the days from the
// first order to the last and to the report.
type history struct{ repeats, recency, age float64 }

func (o Options) history(b *buyer) history {
	first := float64(o.daysSince(b.first()))
	return history{float64(len(b.days) - 1), first - float64(o.daysSince(b.last())), first}
}

// likelihoods are the logarithms of how likely a history is with its buyer still there and with
// its buyer gone after the last order, but for what both have in common: the pauses' densities.
func (m Rhythm) likelihoods(h history) (here, gone float64) {
	k, shape := float64(m.K), m.R+float64(m.K)*h.repeats
	fixed := m.R*math.Log(m.Alpha) - gammaLog(m.R) - betaLog(m.A, m.B) - h.repeats*gammaLog(k)
	// The rest of an Erlang pause lasts longer than the silence if fewer than k stages have
	// passed in it: a sum over the number of stages, each integrated over the rates.
	var sum float64
	for stages := range m.K {
		j := float64(stages)
		silence := 1.0
		if stages > 0 {
			silence = math.Pow(h.age-h.recency, j)
		}
		sum += silence * math.Exp(gammaLog(shape+j)-gammaLog(shape)-gammaLog(j+1)-j*math.Log(m.Alpha+h.age))
	}
	here = fixed + betaLog(m.A, m.B+h.repeats+1) + gammaLog(shape) - shape*math.Log(m.Alpha+h.age) + math.Log(sum)
	gone = fixed + betaLog(m.A+1, m.B+h.repeats) + gammaLog(shape) - shape*math.Log(m.Alpha+h.recency)
	return here, gone
}

// gone is the probability that a buyer buys no more.
func (m Rhythm) gone(h history) float64 {
	here, gone := m.likelihoods(h)
	return 1 / (1 + math.Exp(here-gone))
}

// pace is how many order days a day a buyer had who left after the last order.
func (m Rhythm) pace(h history) float64 {
	return (m.R + float64(m.K)*h.repeats) / (m.Alpha + h.recency) / float64(m.K)
}

// Improvement is by how much the logarithm of the likelihood of all buyers, with the prior that
// the report documents, grows where it grows most if one parameter is changed by a hundredth or by a
// tenth, or k by 1 with the others scaled. At its maximum it does not.
func (m Rhythm) Improvement(w *reference.Warehouse, o Options) (best float64, how string) {
	var histories []history
	pauses := 0.0
	for _, b := range buyersOf(w, o) {
		histories = append(histories, o.history(b))
		days := b.calendar()
		for i := 1; i < len(days); i++ {
			pauses += math.Log(days[i].Sub(days[i-1]).Hours() / 24)
		}
	}
	total := func(m Rhythm) float64 {
		sum := float64(m.K-1) * pauses
		for _, h := range histories {
			here, gone := m.likelihoods(h)
			sum += max(here, gone) + math.Log1p(math.Exp(-math.Abs(here-gone)))
		}
		for _, relative := range []float64{m.R, m.Alpha * float64(m.K) / float64(o.ChurnAfterDays), m.A / 0.5, m.B / 2} {
			off := math.Log(relative) / 1.5
			sum -= off * off / 2
		}
		return sum
	}
	found := total(m)
	try := func(other Rhythm) {
		if gain := total(other) - found; gain > best {
			best, how = gain, fmt.Sprintf("%+v", other)
		}
	}
	for _, factor := range []float64{0.9, 0.99, 1.01, 1.1} {
		for _, change := range []func(*Rhythm){
			func(m *Rhythm) { m.R *= factor }, func(m *Rhythm) { m.Alpha *= factor },
			func(m *Rhythm) { m.R *= factor; m.Alpha *= factor },
			func(m *Rhythm) { m.A *= factor }, func(m *Rhythm) { m.B *= factor }, func(m *Rhythm) { m.A *= factor; m.B *= factor },
		} {
			other := m
			change(&other)
			try(other)
		}
	}
	for _, k := range []int{m.K - 1, m.K + 1} {
		if k >= 1 && k <= 4 {
			try(Rhythm{k, m.R, m.Alpha * float64(m.K) / float64(k), m.A, m.B})
		}
	}
	return best, how
}

// fourPlaces is a probability or a count as the report states it.
func fourPlaces(v float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(math.Round(v*1e4)/1e4, 'f', 4, 64))
	return r
}

func gammaLog(v float64) float64 {
	log, _ := math.Lgamma(v)
	return log
}

func betaLog(a, b float64) float64 { return gammaLog(a) + gammaLog(b) - gammaLog(a+b) }
