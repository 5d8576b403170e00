package strictjson

import "slices"

// nameSet remembers the names of one object's fields. Usual objects have few of
// them, so it compares with each, and only if a 64-bit summary says that an equal
// one is possible; a hostile object with very many gets a map. Names are kept as
// places in the text: pointers would cost the garbage collector's write barrier.
type nameSet struct {
	summary uint64
	list    []span
	escaped []string // names that do not stand in the text as they are
	index   map[string]struct{}
}

type span struct{ from, to uint32 }

const (
	// indexFrom is the number of names from which a map pays.
	indexFrom = 32
	// keepNames bounds the memory that a set keeps for the next object.
	keepNames = 1024
)

func (n *nameSet) reset() {
	if cap(n.list) > keepNames {
		n.list = nil
	}
	n.summary, n.list = 0, n.list[:0]
	if n.escaped != nil || n.index != nil {
		n.escaped, n.index = nil, nil
	}
}

// add reports whether the name is new. at is where its quotes open in the text, and asIs tells whether it
// stands there without escapes.
func (n *nameSet) add(text string, at int, name string, asIs bool) bool {
	bit := summaryBit(name)
	if n.summary&bit != 0 && n.has(text, name) {
		return false
	}
	n.summary |= bit
	if asIs {
		n.list = append(n.list, span{uint32(at + 1), uint32(at + 1 + len(name))})
	} else {
		n.escaped = append(n.escaped, name)
	}
	if n.index != nil {
		n.index[name] = struct{}{}
	} else if len(n.list)+len(n.escaped) == indexFrom {
		n.fillIndex(text)
	}
	return true
}

func (n *nameSet) has(text, name string) bool {
	if n.index != nil {
		_, ok := n.index[name]
		return ok
	}
	for _, s := range n.list {
		if text[s.from:s.to] == name {
			return true
		}
	}
	return slices.Contains(n.escaped, name)
}

func (n *nameSet) fillIndex(text string) {
	n.index = make(map[string]struct{}, 2*indexFrom)
	for _, s := range n.list {
		n.index[text[s.from:s.to]] = struct{}{}
	}
	for _, name := range n.escaped {
		n.index[name] = struct{}{}
	}
}

// summaryBit spreads names over 64 bits by their length and three of their letters, so that few of
// an object's names share one.
func summaryBit(name string) uint64 {
	n := uint(len(name))
	if n == 0 {
		return 1
	}
	h := n*7 + uint(name[0]) + 3*uint(name[n-1]) + 5*uint(name[n/2])
	return 1 << (h % 64)
}
