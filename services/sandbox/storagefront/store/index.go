package store

import (
	"cmp"
	"slices"
	"sort"
)

// chunkSize bounds one run of the index. An insertion moves at most this many
// pointers, plus one per chunk when a chunk splits.
const chunkSize = 512

// Place is where an object stands in a listing: by the bytes of its name, then
// by age. The zero generation is before every version of a name.
type Place struct {
	Name       string
	Generation int64
}

func (o *Object) place() Place { return Place{o.Name, o.Generation} }

func (p Place) compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Name, q.Name), cmp.Compare(p.Generation, q.Generation))
}

// index keeps objects in the order of listings: a list of sorted runs. Its
// caller does the locking.
type index struct {
	chunks [][]*Object // none empty; every place of a chunk precedes the next chunk's
	count  int
}

// find returns where p is or belongs: the chunk and the position in it.
func (x *index) find(p Place) (chunk, at int, found bool) {
	chunk = sort.Search(len(x.chunks), func(i int) bool {
		c := x.chunks[i]
		return c[len(c)-1].place().compare(p) >= 0
	})
	if chunk == len(x.chunks) {
		return chunk, 0, false
	}
	at, found = slices.BinarySearchFunc(x.chunks[chunk], p, func(o *Object, p Place) int { return o.place().compare(p) })
	return chunk, at, found
}

// get returns one version, or nil.
func (x *index) get(name string, generation int64) *Object {
	if c, i, ok := x.find(Place{name, generation}); ok {
		return x.chunks[c][i]
	}
	return nil
}

// put adds o, replacing the same version.
func (x *index) put(o *Object) {
	c, i, found := x.find(o.place())
	if found {
		x.chunks[c][i] = o
		return
	}
	x.count++
	if c == len(x.chunks) { // beyond the last place: append to the last chunk
		if c == 0 {
			x.chunks = append(x.chunks, []*Object{o})
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

// remove takes one version out, if it is there.
func (x *index) remove(name string, generation int64) {
	c, i, found := x.find(Place{name, generation})
	if !found {
		return
	}
	x.count--
	x.chunks[c] = slices.Delete(x.chunks[c], i, i+1)
	if len(x.chunks[c]) == 0 {
		x.chunks = slices.Delete(x.chunks, c, c+1)
	}
}

// seek returns the first object at or after from, or nil.
func (x *index) seek(from Place) *Object {
	c, i, _ := x.find(from)
	if c == len(x.chunks) {
		return nil
	}
	return x.chunks[c][i]
}

// all yields every object in order.
func (x *index) all(yield func(*Object) bool) {
	for _, chunk := range x.chunks {
		for _, o := range chunk {
			if !yield(o) {
				return
			}
		}
	}
}

// liveIndex is an index with one version of each name, the live one.
type liveIndex struct{ index }

// get returns the live version of name, or nil.
func (x *liveIndex) get(name string) *Object {
	if o := x.seek(Place{Name: name}); o != nil && o.Name == name {
		return o
	}
	return nil
}

// put makes o the live version of its name.
func (x *liveIndex) put(o *Object) {
	if old := x.get(o.Name); old != nil && old.Generation != o.Generation {
		x.remove(o.Name)
	}
	x.index.put(o)
}

// remove takes name's live version out, if there is one.
func (x *liveIndex) remove(name string) {
	if o := x.get(name); o != nil {
		x.index.remove(name, o.Generation)
	}
}
