package reference

import (
	"testing"
)

func TestRegion(t *testing.T) {
	t.Parallel()
	for place, want := range map[[2]string]struct {
		region string
		known  bool
	}{
		{"CA", "US"}: {"West", true}, {" ny", "usa "}: {"Northeast", true}, {"TX", "United States"}: {"South", true},
		{"Ohio", "United States of America"}: {"Midwest", true}, {"D.C.", "U.S."}: {"South", true}, {"PR", " USA "}: {"USA", true},
		{"ON", "Canada"}: {"Canada", true}, {"CA", " "}: {"West", true}, {"CA", "CA"}: {"Canada", true}, {"", "DE"}: {"Germany", true},
		{"Georgia", ""}: {"South", true}, {"", "Georgia"}: {"Georgia", true}, {"ZZ", "US"}: {"USA", false}, {"", "US"}: {"USA", true},
		{"", " Atlantis "}: {"Atlantis", false}, {"Ontario", ""}: {unknown, false}, {"", ""}: {unknown, false},
	} {
		region, known := order{city: "X", state: place[0], country: place[1]}.area()
		if region != want.region || known != want.known {
			t.Errorf("%q: %q, %v, want %q, %v", place, region, known, want.region, want.known)
		}
	}
}
