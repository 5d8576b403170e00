package generate

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

const (
	// ShopProducts and ShopCustomers are how many the shop's catalogs name.
	ShopProducts  = len(categories) * productsPerCategory
	ShopCustomers = 10_000

	productsPerCategory = 20

	// unknownShare of the references points at what no catalog names yet: a few new articles and customers.
	unknownShare     = 0.02
	unknownProducts  = 6
	unknownCustomers = 200

	// shopSeed decides what the shop sells and who buys there: the same in each history, so that
	// orders of one fit the catalogs of another.
	shopSeed  = 1
	buyStream = 3 << 62
)

// article is what the shop sells. Days count back from the history's end.
type article struct {
	name, category string
	cents          int64
	weight         int // how often it is bought, beside the others
	launched       int // days ago that it was first sold
	outFrom, outTo int // days ago that it was sold out, from > to; 0: never
	cover          int // days that the stock of the catalog lasts
}

// buyer is a customer of the shop.
type buyer struct {
	first, last string
	tier        string
	pause       int   // days from an order to the next; 0: there is no next
	joins, goes int64 // thousandths of the history at which the first order and the end come
}

// shop is what is sold, and to whom.
type shop struct {
	articles [ShopProducts]article
	weights  int // the sum
	buyers   []buyer
}

// lasting are the covers in days of those products that run out; the others' last three weeks and more.
var lasting = [...]int{0, 0, 2, 3, 4, 5, 6, 8, 9, 11, 12, 13}

func newShop() *shop {
	s := &shop{buyers: make([]buyer, ShopCustomers)}
	for i := range s.articles {
		r := newRandom(shopSeed, productStream+uint64(i))
		kind, place := i%len(categories), i/len(categories)
		cheapest, dearest := dollars[kind][0], dollars[kind][1]
		a := article{
			name: nouns[kind][place], category: categories[kind],
			cents:    int64(cheapest+r.below(dearest-cheapest))*100 - 5,
			weight:   40 + r.below(60) + 400/(1+place),
			launched: 1 << 20,
			cover:    21 + r.below(60),
		}
		switch {
		case place == 9:
			a.launched = 12 + 9*kind
		case place == 6:
			a.outFrom, a.outTo = 70-8*kind, 62-8*kind
		}
		if i%8 == 3 {
			a.cover = lasting[i/8%len(lasting)]
		}
		s.articles[i] = a
		s.weights += a.weight
	}
	for i := range s.buyers {
		s.buyers[i] = newBuyer(newRandom(shopSeed, customerStream+uint64(i)))
	}
	return s
}

// newBuyer draws a customer: who buys weekly, every other week, monthly, now and then, or
// once; a quarter come during the history, and a quarter of those who come back stop during it.
func newBuyer(r random) buyer {
	b := buyer{first: firstNames[r.below(len(firstNames))], last: lastNames[r.below(len(lastNames))], tier: tiers[0], goes: 1 << 20}
	if r.below(4) == 0 {
		b.joins = int64(r.below(1000))
	}
	leaves, end := r.below(4) == 0, int64(r.below(1000))
	switch drawn := r.below(100); {
	case drawn < 12:
		b.pause, b.tier = 5+r.below(5), tiers[1+r.below(2)]
	case drawn < 35:
		b.pause, b.tier = 12+r.below(9), tiers[r.below(3)]
	case drawn < 65:
		b.pause, b.tier = 25+r.below(16), tiers[r.below(2)]
	case drawn < 80:
		b.pause = 50 + r.below(30)
	default:
		b.joins = int64(r.below(1000))
	}
	if leaves && b.pause > 0 {
		b.goes = end
	}
	return b
}

// pick draws an article that is on sale so many days before the history's end; where one is not, the
// next that is.
func (s *shop) pick(r *random, ago int) int {
	drawn, i := r.below(s.weights), 0
	for drawn >= s.articles[i].weight {
		drawn -= s.articles[i].weight
		i++
	}
	for !s.articles[i].onSale(ago) {
		i = (i + len(categories)) % len(s.articles)
	}
	return i
}

func (a *article) onSale(ago int) bool {
	return ago <= a.launched && (ago > a.outFrom || ago < a.outTo || a.outFrom == 0)
}

// WriteProducts writes the shop's catalog as it is at the history's end: with that stock
// which its covers ask for.
func (h *History) WriteProducts(w io.Writer) error {
	_, err := writeRows(w, "product_id,product_name,category,price,stock_level\n", len(h.shop.articles), func(dst []byte, i int) ([]byte, rules.ID) {
		a := &h.shop.articles[i]
		dst = strconv.AppendInt(append(dst, "PROD-"...), int64(firstID+i), 10)
		dst = append(append(append(append(append(dst, ','), a.name...), ','), a.category...), ',')
		dst = append(appendCents(dst, a.cents), ',')
		// The last weeks' orders have about 2.6 units each.
		units := h.perDay * 26 / 10 * a.cover * a.weight / h.shop.weights
		return append(strconv.AppendInt(dst, int64(units), 10), '\n'), ""
	})
	return err
}

// WriteCustomers writes the shop's customers, who have registered by the history's end.
func (h *History) WriteCustomers(w io.Writer) error {
	span := h.to - h.from
	_, err := writeRows(w, "customer_id,name,email,registration_date,customer_tier\n", len(h.shop.buyers), func(dst []byte, i int) ([]byte, rules.ID) {
		b := &h.shop.buyers[i]
		registered := time.UnixMicro(h.from+span/1000*b.joins).AddDate(0, 0, -1)
		if b.joins == 0 {
			registered = registered.AddDate(0, 0, -i%700)
		}
		return fmt.Appendf(dst, "CUST-%d,%s %s,%s.%s.%d@example.com,%s,%s\n", firstID+i, b.first, b.last, b.first, b.last, i,
			registered.UTC().Format(time.DateOnly), b.tier), ""
	})
	return err
}

// dollars are the cheapest and the dearest price of each category.
var dollars = [len(categories)][2]int{{19, 260}, {12, 110}, {9, 140}, {14, 170}, {7, 42}}

// nouns are the products of each category.
var nouns = [len(categories)][productsPerCategory]string{
	{"Wireless earbuds", "Phone charger", "Desk lamp", "Bluetooth speaker", "Action camera", "E-reader", "Smart plug", "Keyboard", "Webcam", "Smart watch",
		"Power bank", "Headphones", "Mouse", "USB hub", "Phone stand", "Dash camera", "Night light", "Memory card", "Monitor arm", "Radio"},
	{"Rain jacket", "T-shirt", "Wool socks", "Linen shirt", "Jeans", "Hoodie", "Winter coat", "Scarf", "Beanie", "Leather belt",
		"Trousers", "Cardigan", "Gloves", "Summer dress", "Pyjamas", "Polo shirt", "Skirt", "Slippers", "Cap", "Waistcoat"},
	{"Coffee mug", "Plant pot", "Throw blanket", "Frying pan", "Bath towel", "Picture frame", "Garden hose", "Tea kettle", "Candle set", "Storage box",
		"Cutting board", "Wall clock", "Bed linen", "Watering can", "Door mat", "Vase", "Pillow", "Bird feeder", "Salad bowl", "Tool set"},
	{"Running shoes", "Yoga mat", "Water bottle", "Bike helmet", "Dumbbells", "Tennis racket", "Sleeping bag", "Jump rope", "Football", "Trail backpack",
		"Swim goggles", "Camping stove", "Foam roller", "Climbing rope", "Basketball", "Cycling gloves", "Head torch", "Kettlebell", "Ski mask", "Gym bag"},
	{"Cookbook", "Crime novel", "Travel guide", "Picture book", "Poetry", "Biography", "Atlas", "Garden calendar", "Science fiction", "Puzzle book",
		"History of Rome", "Language course", "Fairy tales", "Short stories", "Bird guide", "Sketchbook", "Star chart", "Chess manual", "Drama", "Essays"},
}

var (
	firstNames = [...]string{"Ada", "Ben", "Chloe", "Dev", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas", "Keiko", "Liam", "Mara", "Noor", "Oskar",
		"Priya", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wanda", "Yusuf", "Zoe"}
	lastNames = [...]string{"Adams", "Becker", "Costa", "Diaz", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jones", "Khan", "Lopez", "Moreau", "Novak",
		"Okafor", "Patel", "Quist", "Rossi", "Silva", "Tanaka", "Usman", "Virtanen", "Weber", "Young", "Zhang"}
)
