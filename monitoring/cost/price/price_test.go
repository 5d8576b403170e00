package price_test

import (
	"math/big"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/price"
)

func TestList(t *testing.T) {
	t.Parallel()
	seen := make(map[price.Item]bool)
	for _, e := range price.List {
		if seen[e.Item] {
			t.Errorf("%s stands twice", e.Item)
		}
		seen[e.Item] = true
		if amount, ok := new(big.Rat).SetString(e.Amount); !ok || amount.Sign() <= 0 || e.Per <= 0 || e.Source == "" || e.Read == "" {
			t.Errorf("%s is no price with a source and a day: %+v", e.Item, e)
		}
	}
}

func TestGrossAndFree(t *testing.T) {
	t.Parallel()
	tests := []struct {
		item        price.Item
		used        int64
		gross, free string
	}{
		{price.Query, 3 * price.TiB, "18.75", "6.25"},
		{price.Query, price.TiB / 4, "1.5625", "1.5625"},
		{price.PrometheusSamples, 1, "0.00000006", "0"},
		{price.AutopilotCPU, 730 * 500, "16.2425", "0"},
		{price.Logging, 0, "0", "0"},
	}
	for _, test := range tests {
		gross, err := price.Gross(test.item, test.used)
		if err != nil {
			t.Fatal(err)
		}
		free, err := price.Free(test.item, test.used)
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := new(big.Rat).SetString(test.gross); gross.Cmp(want) != 0 {
			t.Errorf("%d of %s cost %s, want %s", test.used, test.item, gross.FloatString(10), test.gross)
		}
		if want, _ := new(big.Rat).SetString(test.free); free.Cmp(want) != 0 {
			t.Errorf("%d of %s save %s, want %s", test.used, test.item, free.FloatString(10), test.free)
		}
	}
	if _, err := price.Gross("air", 1); err == nil {
		t.Error("air has a price")
	}
}
