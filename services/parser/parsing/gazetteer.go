package parsing

import (
	"strings"
	"sync"

	"github.com/zackkki/ecomm_datapipeline/sql/places"
)

// spellings is how many addresses a gazetteer remembers.
const spellings = 4096

// shippedPlaces are those that the warehouse is provisioned with.
var shippedPlaces = sync.OnceValue(places.NewIndex)

// gazetteer finds the places of one file's addresses, which are spelt in few ways. Not for concurrent use.
type gazetteer struct {
	index *places.Index
	found map[spelt]place
}

type spelt struct{ country, state string }

type place struct{ code, region string }

func newGazetteer() *gazetteer {
	return &gazetteer{index: shippedPlaces(), found: make(map[spelt]place)}
}

// locate gives a country's code and the region of an address; see places.Index.
func (g *gazetteer) locate(country, state string) (code, region string) {
	p, known := g.found[spelt{country, state}]
	if !known {
		p.code, p.region = g.index.Locate(country, state)
		if len(g.found) < spellings {
			// The texts may be parts of the whole record, which is not to be kept for them.
			g.found[spelt{strings.Clone(country), strings.Clone(state)}] = place{p.code, strings.Clone(p.region)}
		}
	}
	return p.code, p.region
}
