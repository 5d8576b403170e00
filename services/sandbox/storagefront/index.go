package storagefront

import (
	"slices"
	"sort"
	"strings"
)

// chunkSize bounds one run of the index. An insertion moves at most this many
// pointers, plus one per chunk when a chunk splits.
const chunkSize = 512

// nameIndex keeps a bucket's objects in the byte order of their names, as
// listings need them: a list of sorted runs. Its caller does the locking.
type nameIndex struct {
	chunks [][]*object // none empty; all names of a chunk precede the next chunk's
	count  int
}

// find returns where name is or belongs: the chunk and the place in it.
func (x *nameIndex) find(name string) (chunk, at int, found bool) {
	chunk = sort.Search(len(x.chunks), func(i int) bool {
		c := x.chunks[i]
		return c[len(c)-1].Name >= name
	})
	if chunk == len(x.chunks) {
		return chunk, 0, false
	}
	at, found = slices.BinarySearchFunc(x.chunks[chunk], name, func(o *object, name string) int {
		return strings.Compare(o.Name, name)
	})
	return chunk, at, found
}

// get returns the object called name, or nil.
func (x *nameIndex) get(name string) *object {
	if c, i, ok := x.find(name); ok {
		return x.chunks[c][i]
	}
	return nil
}

// put adds o, replacing the object of that name.
func (x *nameIndex) put(o *object) {
	c, i, found := x.find(o.Name)
	if found {
		x.chunks[c][i] = o
		return
	}
	x.count++
	if c == len(x.chunks) { // beyond the last name: append to the last chunk
		if c == 0 {
			x.chunks = append(x.chunks, []*object{o})
			return
		}
		c--
		i = len(x.chunks[c])
	}
	x.chunks[c] = slices.Insert(x.chunks[c], i, o)
	if full := x.chunks[c]; len(full) > chunkSize {
		half := len(full) / 2
		upper := slices.Clone(full[half:])
		clear(full[half:])
		x.chunks[c] = full[:half]
		x.chunks = slices.Insert(x.chunks, c+1, upper)
	}
}

// remove takes the object called name out, if it is there.
func (x *nameIndex) remove(name string) {
	c, i, found := x.find(name)
	if !found {
		return
	}
	x.count--
	x.chunks[c] = slices.Delete(x.chunks[c], i, i+1)
	if len(x.chunks[c]) == 0 {
		x.chunks = slices.Delete(x.chunks, c, c+1)
	}
}

// seek returns the first object whose name is at or after from, or nil.
func (x *nameIndex) seek(from string) *object {
	c, i, _ := x.find(from)
	if c == len(x.chunks) {
		return nil
	}
	return x.chunks[c][i]
}

// ascend calls visit for each object named from or later, in order, until it returns false.
func (x *nameIndex) ascend(from string, visit func(*object) bool) {
	c, i, _ := x.find(from)
	for ; c < len(x.chunks); c, i = c+1, 0 {
		for _, o := range x.chunks[c][i:] {
			if !visit(o) {
				return
			}
		}
	}
}
