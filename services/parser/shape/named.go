package shape

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// named gives the object whose members are the records, each under a name of its own, such as
// its id; withID tells that a record has its id itself.
func (v *Value) named(words vocabulary.Words) (parent string, withID, ok bool) {
	if v.IsRecord(words) {
		return "", false, false
	}
	records := map[string]int{}
	for _, p := range v.Places {
		cut := strings.LastIndexByte(p.Pointer, '/')
		if cut < 0 || p.Array || strings.Contains(p.Pointer, "/0/") {
			continue
		}
		if !slices.ContainsFunc(p.Keys, func(key string) bool { return slices.Contains(vocabulary.Lines, vocabulary.Plain(key)) }) || score(p.Keys, words) < 3 {
			continue
		}
		at := p.Pointer[:cut]
		if records[at]++; records[at] == 2 {
			return at, slices.ContainsFunc(p.Keys, func(key string) bool { return words.Field(vocabulary.Plain(key)) == "order_id" }), true
		}
	}
	return "", false, false
}

// byName says how to get at records that stand under names.
func byName(what, parent string, withID bool) string {
	at, filter := "of the document", "."
	if parent != "" {
		at, filter = "of "+parent, "."+jqPath(parent)
	}
	switch entries := "to_entries[] | .value + {order_id: .key}"; {
	case withID:
		filter += "[]"
	case parent == "":
		filter = entries
	default:
		filter += " | " + entries
	}
	return fmt.Sprintf("the file is %s: the orders are the members %s, each under a name of its own; write each on a line of its own (jq -c '%s' FILE)", what, at, filter)
}

// isDynamo tells of values that stand beneath their types, as DynamoDB exports them.
func isDynamo(v *Value) bool {
	typed := 0
	for _, p := range v.Places {
		if !p.Array && len(p.Keys) == 1 && slices.Contains([]string{"S", "N", "M", "L", "BOOL", "NULL"}, p.Keys[0]) {
			typed++
		}
	}
	return typed >= 2
}
