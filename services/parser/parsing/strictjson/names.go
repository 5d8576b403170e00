package strictjson

// nameSet remembers the names of one object's fields. Usual objects have few of
// them, so it compares with each, and only if a 64-bit summary says that an equal
// one is possible; a hostile object with very many gets a map.
type nameSet struct {
	summary uint64
	list    []string
	index   map[string]struct{}
}

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
	n.summary, n.list, n.index = 0, n.list[:0], nil
}

// add reports whether the name is new.
func (n *nameSet) add(name string) bool {
	bit := summaryBit(name)
	if n.summary&bit != 0 && n.has(name) {
		return false
	}
	n.summary |= bit
	n.list = append(n.list, name)
	if n.index != nil {
		n.index[name] = struct{}{}
	} else if len(n.list) == indexFrom {
		n.index = make(map[string]struct{}, 2*indexFrom)
		for _, known := range n.list {
			n.index[known] = struct{}{}
		}
	}
	return true
}

func (n *nameSet) has(name string) bool {
	if n.index != nil {
		_, ok := n.index[name]
		return ok
	}
	for _, known := range n.list {
		if known == name {
			return true
		}
	}
	return false
}

func summaryBit(name string) uint64 {
	if name == "" {
		return 1
	}
	h := uint(len(name))*7 + uint(name[0]) + 3*uint(name[len(name)-1])
	return 1 << (h % 64)
}
