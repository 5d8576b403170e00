package usage

import (
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// nearest is the command, with the words that lead to it, that a word of the group may
// have meant; empty if none is near.
func (g group) nearest(word string) string {
	word = strings.ToLower(word)
	// A word of another tool may mean one thing within a group, and another at the first level.
	inGroup := strings.Join(append(g.path[:len(g.path):len(g.path)], word), " ")
	for _, words := range []string{inGroup, word} {
		if meant, ok := g.otherWords[words]; ok && exists(g.root, meant) {
			return meant
		}
	}
	within := make(map[string]string)
	for _, sub := range g.of.Commands {
		if !sub.Hidden {
			within[sub.Name] = strings.Join(append(g.path[:len(g.path):len(g.path)], sub.Name), " ")
		}
	}
	if name := Nearest(word, slices.Sorted(maps.Keys(within))); name != "" {
		return within[name]
	}
	anywhere := make(map[string]string)
	Every(g.root, func(cmd *cli.Command, path []string) {
		if len(path) == 0 || cmd.Hidden {
			return
		}
		// Of several commands of one name the one with the fewest words is meant.
		whole := strings.Join(path, " ")
		if known, ok := anywhere[cmd.Name]; !ok || len(path) < strings.Count(known, " ")+1 {
			anywhere[cmd.Name] = whole
		}
	})
	return anywhere[Nearest(word, slices.Sorted(maps.Keys(anywhere)))]
}

// exists tells whether a command line, without its flags, is a command.
func exists(root *cli.Command, line string) bool {
	cmd := root
	for word := range strings.FieldsSeq(line) {
		if strings.HasPrefix(word, "-") {
			break
		}
		if cmd = cmd.Command(word); cmd == nil {
			return false
		}
	}
	return true
}

func nearestFlag(cmd *cli.Command, word string) string {
	var names []string
	for _, c := range cmd.Lineage() {
		for _, f := range c.Flags {
			names = append(names, f.Names()...)
		}
	}
	slices.Sort(names)
	return Nearest(word, names)
}

// Nearest is the name that a word is a slip of: one that it begins, or that takes few
// changes; empty if it is a slip of none.
func Nearest(word string, names []string) string {
	best, least, fewest := "", 0, 0
	for _, name := range names {
		all := changes(word, name)
		far := all
		if len(word) > 2 && (strings.HasPrefix(name, word) || strings.HasPrefix(word, name)) && len(name) > 2 {
			far = min(far, 1)
		}
		// Of two that are as near the one is meant that takes fewer changes.
		if best == "" || far < least || far == least && all < fewest {
			best, least, fewest = name, far, all
		}
	}
	if least > max(1, min(len(word), len(best))/3) || len(word) < 2 {
		return ""
	}
	return best
}

// changes is how many letters must be put in, left out, replaced or swapped with their
// neighbour to make one word of another (the distance of Damerau and Levenshtein, restricted).
func changes(a, b string) int {
	before, last, row := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, make([]int, len(b)+1)
	}
	return last[len(b)]
}
