package warehouse

import (
	"path"
	"strings"
)

// Labels of every job, which Google's bills and INFORMATION_SCHEMA.JOBS can be summed by.
const (
	// LabelService is the program that asks.
	LabelService = "service"
	// LabelTask is what it is about: loading, dashboard, verify.
	LabelTask = "task"
	// LabelStatement is what it asks: the name of a statement of the sql module
	// without its folder, of a report or of a script of several.
	LabelStatement = "statement"
)

// maxLabel is how long a label's value may be
// (cloud.google.com/bigquery/docs/labels-intro).
const maxLabel = 63

// labels are those of a job. A statement may be named with its folder.
func labels(service, task, statement string) map[string]string {
	return map[string]string{
		LabelService:   labelValue(service),
		LabelTask:      labelValue(task),
		LabelStatement: labelValue(path.Base(statement)),
	}
}

// labelValue replaces what a label may not hold.
func labelValue(text string) string {
	text = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(text))
	return text[:min(len(text), maxLabel)]
}
