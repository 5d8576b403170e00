package verify

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPartsOf(t *testing.T) {
	t.Parallel()
	for rows, want := range map[int]int{0: 1, partRows: 1, partRows + 1: 16, 16 * partRows: 16, 16*partRows + 1: 256} {
		parts := partsOf(rows)
		if len(parts) != want {
			t.Errorf("%d rows: %d parts, want %d", rows, len(parts), want)
		}
	}
	want := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"}
	if diff := cmp.Diff(want, partsOf(partRows+1)); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}
