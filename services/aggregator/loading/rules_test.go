package loading

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// phrase is a literal of two words or more. In the transaction those are the ids
// of rules, apart from the words of notRules; the verdicts and outcomes are one word.
var phrase = regexp.MustCompile(`'([a-z0-9]+(?:_[a-z0-9]+)+)'`)

var notRules = map[string]bool{
	staleFence:           true, // ends a transaction that another one has overtaken; it is run again
	"partially_refunded": true, // a payment status
	"accept_refused":     true, // what a file is allowed
}

// TestRulesInSQLAreInTheCatalog: what the SQL writes into check_type, rule and
// reason by itself must be explained like what the services publish.
func TestRulesInSQLAreInTheCatalog(t *testing.T) {
	t.Parallel()
	statements, err := sql.Group("transform")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[rules.ID]bool{}
	for _, s := range statements {
		for _, match := range phrase.FindAllStringSubmatch(s.Text, -1) {
			id := rules.ID(match[1])
			if _, known := rules.Lookup(id); !known && !notRules[match[1]] {
				t.Errorf("%s: %q is no rule of the catalog", s.Name, id)
			}
			seen[id] = true
		}
	}
	for _, id := range []rules.ID{rules.DeadLettered, rules.DuplicateOrderConflict, rules.LedgerImbalance, rules.MissingProduct} {
		if !seen[id] {
			t.Errorf("%s is not seen in any statement: the test looks in the wrong place", id)
		}
	}
}

// raised is a word that a statement ends its job with.
var raised = regexp.MustCompile(`ERROR\('(\w+)'\)`)

// TestObjections: each word that ends a transaction is one that the aggregator knows.
func TestObjections(t *testing.T) {
	t.Parallel()
	statements, err := sql.Group("transform")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, s := range statements {
		for _, match := range raised.FindAllStringSubmatch(s.Text, -1) {
			words = append(words, match[1])
		}
	}
	slices.Sort(words)
	want := append([]string{staleFence}, objections...)
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Compact(words)); diff != "" {
		t.Errorf("words (-known +raised):\n%s", diff)
	}
}
