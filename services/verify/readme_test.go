package verify

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// TestReadmeListsEveryCheck: the page names each check of the command, and no other.
func TestReadmeListsEveryCheck(t *testing.T) {
	t.Parallel()
	statements, err := sql.Group("verify")
	if err != nil {
		t.Fatal(err)
	}
	checks := []string{
		"nothing_left_in_landing", "nothing_left_in_staging", // named by their folders
		"products_equal_model", "customers_equal_model", "product_history_equals_model", "customer_history_equals_model",
	}
	for _, s := range statements {
		checks = append(checks, strings.TrimPrefix(s.Name, "verify/"))
	}
	named := regexp.MustCompile(`(?:begin\(|Violation\{)"(\w*[a-z])"`)
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "compare") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			checks = append(checks, m[1])
		}
	}
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) == 4 && strings.Contains(cells[1], "`") {
			for _, m := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(cells[1], -1) {
				listed = append(listed, m[1])
			}
		}
	}
	slices.Sort(checks)
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Compact(checks), listed); diff != "" {
		t.Errorf("checks (-code +README):\n%s", diff)
	}
}
