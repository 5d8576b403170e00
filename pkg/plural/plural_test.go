package plural_test

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 dead letters", 1: "1 dead letter", 2: "2 dead letters", -1: "-1 dead letters"} {
		if got := plural.Of(n, "dead letter"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
