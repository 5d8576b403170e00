package sql

import (
	"slices"
	"strings"
)

// What a batch of files brings that not every batch does, by the names that the statements of
// transform/ call it. The aggregator says which of them are there; the transaction without
// the statements and parts for the others is cheaper and ends the same.
const (
	Orders       = "orders"        // a file of orders
	Products     = "products"      // a file of products
	Customers    = "customers"     // a file of customers
	Catalogs     = "catalogs"      // either of these
	Refused      = "refused"       // a record that is not in staging
	FailFile     = "fail_file"     // a file of orders that conflicts with others are to fail as a whole
	Again        = "again"         // a file that is read again
	OrdersAgain  = "orders_again"  // a file of orders that is
	Versions     = "versions"      // a record that may be another version of an order
	Replacing    = "replacing"     // days on which facts, or what the history keeps, may be replaced
	Repairs      = "repairs"       // days of facts that wait for what a catalog names
	OpenFindings = "open_findings" // days of findings that a catalog may close
)

var brings = []string{
	Orders, Products, Customers, Catalogs, Refused, FailFile, Again, OrdersAgain, Versions, Replacing, Repairs, OpenFindings,
}

// implied is what comes along with another.
var implied = map[string][]string{
	Products:    {Catalogs},
	Customers:   {Catalogs},
	FailFile:    {Orders},
	Versions:    {Orders},
	Replacing:   {Versions, Orders},
	OrdersAgain: {Again, Replacing, Versions, Orders},
}

// Brought is what a batch brings, with all that comes along with it.
func Brought(names ...string) []string {
	all := slices.Clone(names)
	for _, name := range names {
		all = append(all, implied[name]...)
	}
	return distinct(all)
}

// Batches are all that a batch can bring: each set that Brought can give.
func Batches() [][]string {
	var sets [][]string
	seen := make(map[string]bool)
	for bits := range 1 << len(brings) {
		var names []string
		for i, name := range brings {
			if bits&(1<<i) != 0 && name != Catalogs {
				names = append(names, name)
			}
		}
		set := Brought(names...)
		if key := strings.Join(set, ","); !seen[key] {
			seen[key] = true
			sets = append(sets, set)
		}
	}
	return sets
}
