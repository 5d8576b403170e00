package labels

import (
	"fmt"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		key, value string
		valid      bool
	}{
		{"app", "order-pipeline", true}, {"a_1-b", "", true}, {"größe", "日本", true}, {strings.Repeat("ä", 63), strings.Repeat("1", 63), true},
		{"", "x", false}, {"App", "x", false}, {"1a", "x", false}, {"app", "X", false}, {"app.kubernetes.io", "x", false}, {"app", "a b", false},
		{strings.Repeat("a", 64), "x", false}, {"a", strings.Repeat("1", 64), false},
	} {
		if err := Check(map[string]string{tt.key: tt.value}); (err == nil) != tt.valid {
			t.Errorf("%q=%q: %v", tt.key, tt.value, err)
		}
	}
	many := map[string]string{}
	for i := range maxLabels + 1 {
		many[fmt.Sprint("a", i)] = ""
	}
	if Check(many) == nil {
		t.Errorf("%d labels are taken", len(many))
	}
}
