package provision

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Outcome is what became of a resource.
type Outcome string

// Outcomes. In a dry run they say what would become of it.
const (
	Created Outcome = "created"
	Updated Outcome = "updated"
	// Replaced is a subscription that could receive nothing any more, because its
	// topic is gone or it was detached, and was made anew.
	Replaced  Outcome = "replaced"
	Unchanged Outcome = "unchanged"
	// Conflict is a resource that exists in another shape and cannot be changed in place.
	Conflict Outcome = "conflict"
)

var marks = map[Outcome]string{Created: "+", Updated: "~", Replaced: "-/+", Unchanged: "=", Conflict: "!"}

// Change is one setting of a resource: what is, and what the pipeline wants.
// An empty From is a setting that is added, an empty To one that is removed.
type Change struct {
	Setting, From, To string
	// Left, if set, says that the change is not made, and which variable would have it
	// made: something is kept longer than is wanted.
	Left string
	// Note, if set, says what a setting of the owner's means for the pipeline, and
	// Remedy what to do about it. It is not changed either.
	Note, Remedy string
}

// String is the change as a line of a diff.
func (c Change) String() string {
	switch {
	case c.Note != "":
		return "? " + c.Setting + ": " + c.Note + " " + c.Remedy
	case c.Left != "":
		return "= " + c.Setting + ": " + c.From + " (left alone; " + c.Left + " would shorten it)"
	case c.From == "":
		return "+ " + c.Setting + ": " + c.To
	case c.To == "":
		return "- " + c.Setting + ": " + c.From
	}
	return "~ " + c.Setting + ": " + c.From + " -> " + c.To
}

// compare adds the change of a setting to list, if there is one.
func compare(list []Change, setting, from, to string) []Change {
	if from == to {
		return list
	}
	return append(list, Change{Setting: setting, From: from, To: to})
}

// pending tells whether any of the changes is to be made.
func pending(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Left == "" && c.Note == "" })
}

// Step is one resource that was looked at.
type Step struct {
	// Resource is its kind and name, such as "topic orders-validated".
	Resource string
	Outcome  Outcome
	Changes  []Change
}

// Plan lists all steps, ordered by resource.
type Plan struct{ Steps []Step }

// Count is the number of steps with the outcome.
func (p Plan) Count(o Outcome) int {
	n := 0
	for _, s := range p.Steps {
		if s.Outcome == o {
			n++
		}
	}
	return n
}

// Pending are the steps that change something.
func (p Plan) Pending() []Step {
	return slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool {
		return s.Outcome == Unchanged || s.Outcome == Conflict
	})
}

// Write prints the plan as a diff: a line per resource, under it a line per
// setting. Resources that stay as they are only appear if all is true, or if something
// of them was left alone.
func (p Plan) Write(w io.Writer, all bool) error {
	var text strings.Builder
	for _, s := range p.Steps {
		if s.Outcome == Unchanged && len(s.Changes) == 0 && !all {
			continue
		}
		fmt.Fprintf(&text, "%s %s\n", marks[s.Outcome], s.Resource)
		if s.Outcome == Conflict {
			fmt.Fprintf(&text, "    ! %s\n", s.Changes[0].To)
			continue
		}
		for _, c := range s.Changes {
			fmt.Fprintf(&text, "    %s\n", c)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}
