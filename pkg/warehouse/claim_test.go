package warehouse

import "testing"

// TestFirstFree finds the first free number without asking for each.
func TestFirstFree(t *testing.T) {
	t.Parallel()
	for _, want := range []int64{0, 1, 2, 3, 7, 8, 9, 100, 5000} {
		for _, from := range []int64{0, want / 2, want} {
			asked := 0
			got, err := firstFree(from, func(n int64) (bool, error) {
				asked++
				return n < want, nil
			})
			if err != nil || got != want {
				t.Errorf("from %d: %d, error %v, want %d", from, got, err, want)
			}
			if asked > 27 {
				t.Errorf("from %d to %d: asked %d times", from, want, asked)
			}
		}
	}
}
