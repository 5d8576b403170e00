package dataset

import (
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
)

// Paths are those of all datasets, patterns of http.ServeMux below answer.Root.
func Paths() []string {
	var paths []string
	for i := range datasets {
		paths = append(paths, datasets[i].path)
	}
	return paths
}

// Parameter is what a path or its query takes, as the API's document has it.
type Parameter struct {
	Name      string
	Required  bool
	Words     []string // what it may say; nil: anything
	Max       int      // of a number; 0: it is none
	MaxLength int      // of a text, in bytes; 0: it is none, or one of Words
	Default   any      // nil: none, or one that depends on the time
}

// Parameters are those of the dataset of a path, none if there is no such dataset.
func Parameters(path string) []Parameter {
	i := slices.IndexFunc(datasets, func(d dataset) bool { return d.path == path })
	if i < 0 {
		return nil
	}
	d := &datasets[i]
	var takes []Parameter
	for _, name := range d.parameters() {
		takes = append(takes, d.describe(name))
	}
	for _, id := range pathIDs {
		if strings.Contains(d.path, "{"+id.name+"}") {
			takes = append(takes, Parameter{Name: id.name, Required: true, MaxLength: maxFilter})
		}
	}
	if strings.Contains(d.path, "{record_index}") {
		takes = append(takes, Parameter{Name: "record_index", Required: true})
	}
	return takes
}

// describe tells of a parameter of the query.
func (d *dataset) describe(name string) Parameter {
	switch name {
	case "from", "to":
		return Parameter{Name: name, MaxLength: 64}
	case "moment":
		return Parameter{Name: name, MaxLength: 64}
	case "limit":
		return Parameter{Name: name, Max: d.maxLimit, Default: d.limit}
	case "page_token":
		return Parameter{Name: name, MaxLength: answer.MaxToken}
	}
	known := Parameter{Name: name}
	if i := slices.IndexFunc(parameters, func(p parameter) bool { return p.name == name }); i >= 0 {
		known.Words = parameters[i].words
	}
	if known.Words == nil {
		known.MaxLength = maxFilter
	}
	switch name {
	case "rank_by":
		known.Default = rankByRevenue
	case "compare":
		known.Default = comparePrevious
	}
	return known
}
