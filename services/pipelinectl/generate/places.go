package generate

// place is where an order may go. Zip codes are drawn under the place's own prefix.
type place struct{ city, state, zip, country string }

// abroad is the index of the first place outside the US.
const abroad = 18

var places = [...]place{
	{"New York", "NY", "100", "USA"},
	{"Los Angeles", "CA", "900", "USA"},
	{"Chicago", "IL", "606", "USA"},
	{"Houston", "TX", "770", "USA"},
	{"Phoenix", "AZ", "850", "USA"},
	{"Philadelphia", "PA", "191", "USA"},
	{"San Antonio", "TX", "782", "USA"},
	{"San Diego", "CA", "921", "USA"},
	{"Columbus", "OH", "432", "USA"},
	{"Charlotte", "NC", "282", "USA"},
	{"Indianapolis", "IN", "462", "USA"},
	{"Seattle", "WA", "981", "USA"},
	{"Denver", "CO", "802", "USA"},
	{"Washington", "DC", "200", "USA"},
	{"Boston", "MA", "021", "USA"},
	{"Atlanta", "GA", "303", "USA"},
	{"Miami", "FL", "331", "USA"},
	{"San Juan", "PR", "009", "USA"}, // in no Census region
	{"Toronto", "ON", "445", "Canada"},
	{"München", "BY", "803", "Germany"},
	{"London", "", "221", "United Kingdom"},
}

var streets = [...]string{"Main St", "Oak Ave", "Maple Dr", "2nd St", "Park Rd", "Washington Blvd", "Lake View", "Hill Ct"}

// busy is how likely an order is in each hour of the day, in percent of the busiest.
var busy = [24]int{22, 15, 11, 9, 9, 12, 20, 32, 45, 58, 68, 76, 82, 80, 76, 74, 76, 82, 91, 98, 100, 88, 62, 38}
