package generate

import "math/bits"

// random is a splitmix64 sequence. Each record has its own, started from seed
// and position, so that any record can be drawn again without those before it:
// a replay of an order needs no memory of the orders written.
type random struct{ state uint64 }

const golden = 0x9e3779b97f4a7c15

func newRandom(seed, position uint64) random {
	return random{mix(seed+golden) ^ mix(position*golden+1)}
}

func (r *random) next() uint64 {
	r.state += golden
	return mix(r.state)
}

func mix(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// below draws a number from 0 to n-1. The bias for the n used here, all
// below 2^48 (nine years of microseconds), is under 2^-16.
func (r *random) below(n int) int {
	high, _ := bits.Mul64(r.next(), uint64(n))
	return int(high)
}
