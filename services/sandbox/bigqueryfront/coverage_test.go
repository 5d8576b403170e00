package bigqueryfront_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// TestDialectCoversProduct reads every statement of the product and wants each
// function, operator, date part and type of a cast that stands in one to stand
// in a case of the dialect's table too: that the statements run proves nothing
// about their values.
func TestDialectCoversProduct(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, c := range dialectCases {
		for _, feature := range featuresOf(t, c.sql) {
			shown[feature] = true
		}
	}
	missing := map[string][]string{}
	files := 0
	err := filepath.WalkDir(sqlDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".sql" {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, feature := range featuresOf(t, string(text)) {
			if !shown[feature] && !bigQueryOnly[feature] {
				missing[feature] = append(missing[feature], filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path)))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatalf("no statements in %s", sqlDir)
	}
	for _, feature := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("%s stands in %s and in no case of dialectCases (dialect_test.go): add one with the rows that "+
			"https://cloud.google.com/bigquery/docs/reference/standard-sql/functions-all gives for it", feature, strings.Join(missing[feature], ", "))
	}
}

// bigQueryOnly is what the dialect refuses, although a statement of the product has it: see TestRefusals.
var bigQueryOnly = map[string]bool{"function FORECAST": true}

// words that are no functions though a parenthesis may follow.
var plainWords = words(`ALL AND ANY ARRAY AS ASSERT BETWEEN BY CASE CLUSTER DISTINCT ELSE END EXCEPT EXISTS FROM HAVING IN INSERT INTERSECT
	INTO IS JOIN LIKE NOT OFFSET ON OPTIONS OR ORDINAL OVER PARTITION QUALIFY SAFE_OFFSET SAFE_ORDINAL SELECT SET STRUCT TABLE THEN UNION
	UNNEST USING VALUES VIEW WHEN WHERE WINDOW WITH`)

// operatorWords are operators and clauses whose translation is more than
// copying the word.
var operatorWords = words(`AND ARRAY BETWEEN CASE CROSS DESC EXCEPT EXISTS HAVING IGNORE IN INTERSECT IS LIKE NOT OFFSET OR ORDINAL OVER
	QUALIFY REPLACE ROLLUP ROWS SAFE_OFFSET SAFE_ORDINAL STRUCT UNION UNNEST WINDOW`)

var dateParts = words(`MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY DAYOFWEEK DAYOFYEAR DATE WEEK ISOWEEK MONTH QUARTER YEAR ISOYEAR`)

var operatorSigns = words(`|| + - * / = != <> < <= > >= << >> & | ^ ~`)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// featuresOf lists what a statement uses, each once.
func featuresOf(t *testing.T, sql string) []string {
	t.Helper()
	read, err := lexer.Tokenize(sql)
	if err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
	tokens := make([]string, len(read))
	for i, token := range read {
		tokens[i] = strings.ToUpper(sql[token.Pos:token.End])
	}
	at := func(i int) string {
		if i < 0 || i >= len(tokens) {
			return ""
		}
		return tokens[i]
	}
	found := map[string]bool{}
	for i, token := range tokens {
		if operatorSigns[token] {
			found["operator "+token] = true
		}
		if operatorWords[token] && at(i-1) != "." && at(i+1) != "." {
			found[token] = true
		}
		if token == "INTERVAL" {
			for j := i + 1; j < len(tokens); j++ {
				if dateParts[tokens[j]] {
					found["INTERVAL in "+tokens[j]] = true
					break
				}
			}
		}
		called := at(i+1) == "(" && regexp.MustCompile(`^[A-Z_]\w*$`).MatchString(token) && !plainWords[token]
		named := at(i-1) == "INTO" || at(i-1) == "TABLE" || at(i-1) == "VIEW" || at(i-1) == "EXISTS" || at(i-1) == "MERGE"
		if !called || named {
			continue
		}
		name := token
		if at(i-1) == "." && at(i-2) == "SAFE" {
			name = "SAFE." + name
		}
		found["function "+name] = true
		for _, detail := range details(token, tokens[i+2:]) {
			found["function "+name+detail] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// details are the date part and the type that a call names, of which each has a
// translation of its own. rest begins behind the opening parenthesis.
func details(name string, rest []string) (list []string) {
	depth := 0
	for i, token := range rest {
		switch token {
		case "(":
			depth++
		case ")":
			if depth--; depth < 0 {
				return list
			}
		}
		parts := name == "EXTRACT" || strings.HasSuffix(name, "_TRUNC") || strings.HasSuffix(name, "_DIFF")
		if depth == 0 && parts && dateParts[token] && (i == 0 || rest[i-1] == ",") {
			list = append(list, " by "+token)
		}
		if depth == 0 && strings.HasSuffix(name, "CAST") && token == "AS" && i+1 < len(rest) {
			list = append(list, " to "+rest[i+1])
		}
	}
	return list
}
