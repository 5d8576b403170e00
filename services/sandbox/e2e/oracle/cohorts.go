package oracle

import (
	"math/big"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// Paid tells whether an order was paid for, whatever was paid back later.
func Paid(f reference.Fact) bool {
	return f.Status == "completed" || f.Status == "partially_refunded" || f.Status == "refunded"
}

// paidOrder is an order that was paid for.
type paidOrder struct {
	day     time.Time
	revenue *big.Rat
}

// paidOrders are those up to the report's date by customer, guests under "", each oldest first.
func paidOrders(w *reference.Warehouse, o Options) map[string][]paidOrder {
	orders := make(map[string][]paidOrder)
	upTo(w, o, func(key reference.LineKey, f reference.Fact) {
		if key.Line == 1 && Paid(f) {
			orders[f.CustomerID] = append(orders[f.CustomerID], paidOrder{day(f.Time.In(o.clock())), f.Revenue().Rat()})
		}
	})
	for _, of := range orders {
		slices.SortFunc(of, func(a, b paidOrder) int { return a.day.Compare(b.day) })
	}
	return orders
}

// monthNumber counts months.
func monthNumber(t time.Time) int { return t.Year()*12 + int(t.Month()) - 1 }

// cohortCell is what a cohort did in a month.
type cohortCell struct {
	buyers  map[string]bool
	orders  int
	revenue *big.Rat
}

// Cohorts is the report cohorts.
func Cohorts(w *reference.Warehouse, o Options) Sheet {
	sizes, cells := make(map[int]int), make(map[[2]int]*cohortCell)
	for customer, orders := range paidOrders(w, o) {
		if customer == "" {
			continue
		}
		cohort := monthNumber(orders[0].day)
		sizes[cohort]++
		for _, order := range orders {
			at := [2]int{cohort, monthNumber(order.day)}
			if cells[at] == nil {
				cells[at] = &cohortCell{make(map[string]bool), 0, new(big.Rat)}
			}
			cells[at].buyers[customer] = true
			cells[at].orders++
			cells[at].revenue = add(cells[at].revenue, order.revenue)
		}
	}
	var sheet Sheet
	for cohort := monthNumber(o.Date); cohort > 0; cohort-- {
		if sizes[cohort] == 0 {
			continue
		}
		sum, size := new(big.Rat), ratOf(sizes[cohort])
		for month := cohort; month <= monthNumber(o.Date); month++ {
			cell := cells[[2]int{cohort, month}]
			if cell == nil {
				cell = &cohortCell{nil, 0, new(big.Rat)}
			}
			sum = add(sum, cell.revenue)
			isOver := "true"
			if month == monthNumber(o.Date.AddDate(0, 0, 1)) {
				isOver = "false"
			}
			sheet = append(sheet, []string{
				dateText(time.Date(cohort/12, time.Month(cohort%12+1), 1, 0, 0, 0, 0, time.UTC)), wholeText(month - cohort), isOver,
				wholeText(sizes[cohort]), wholeText(len(cell.buyers)), plainText(rounded(quotient(ratOf(len(cell.buyers)), size), 4)), wholeText(cell.orders),
				plainText(cell.revenue), plainText(sum), plainText(rounded(quotient(sum, size), 2)),
			})
		}
	}
	return sheet.number()
}

// CustomerDays is what the table report_customer_days has with the report, without positions.
func CustomerDays(w *reference.Warehouse, o Options) Sheet {
	type key struct {
		day, before string
		guest       bool
	}
	type sums struct {
		customers, seconds, orders int
		revenue                    *big.Rat
	}
	rows := make(map[key]*sums)
	row := func(k key) *sums {
		if rows[k] == nil {
			rows[k] = &sums{revenue: new(big.Rat)}
		}
		return rows[k]
	}
	for customer, orders := range paidOrders(w, o) {
		before, previous := "", ""
		for i, order := range orders {
			today := dateText(order.day)
			if today != previous {
				before, previous = previous, today
			}
			r := row(key{today, before, false})
			if customer == "" {
				r = row(key{today, "", true})
			}
			r.orders++
			r.revenue = add(r.revenue, order.revenue)
			if customer == "" {
				continue
			}
			if i == 0 || dateText(orders[i-1].day) != today {
				r.customers++
			}
			if i == 1 {
				r.seconds++
			}
		}
	}
	var sheet Sheet
	for k, r := range rows {
		if r.orders == 0 {
			continue // made by looking for the row of a guest's
		}
		guest := "false"
		if k.guest {
			guest = "true"
		}
		sheet = append(sheet, []string{k.day, k.before, guest, wholeText(r.customers), wholeText(r.seconds), wholeText(r.orders), plainText(r.revenue)})
	}
	return sheet
}

const lifeDays = 90

// OrderTimes is what the table report_order_times has with the report.
func OrderTimes(w *reference.Warehouse, o Options) Sheet {
	seen := func(day time.Time) bool { n := o.daysSince(day); return n >= 0 && n < lifeDays }
	type dayOrder struct {
		id  string
		day time.Time
	}
	completed, refunded := make(map[dayOrder]time.Time), make(map[dayOrder]time.Time)
	tell := func(order dayOrder, status string, at time.Time) {
		if at.IsZero() {
			return
		}
		first := completed
		switch status {
		case "completed":
		case "refunded", "partially_refunded":
			first = refunded
		default:
			return
		}
		if t, known := first[order]; !known || at.Before(t) {
			first[order] = at
		}
	}
	type key struct{ day, step, seconds string }
	orders := make(map[key]int)
	versions := make(map[time.Time]int)
	for _, v := range w.Versions {
		if seen(v.Day) {
			versions[v.Day]++
			tell(dayOrder{v.OrderID, v.Day}, v.Status, v.Updated)
		}
	}
	upTo(w, o, func(line reference.LineKey, f reference.Fact) {
		if line.Line == 1 && o.daysBefore(f.Time) < lifeDays {
			tell(dayOrder{line.OrderID, day(f.Time.In(o.clock()))}, f.Status, f.UpdatedAt)
		}
	})
	upTo(w, o, func(line reference.LineKey, f reference.Fact) {
		if line.Line != 1 || o.daysBefore(f.Time) >= lifeDays {
			return
		}
		shown := f.Time.In(o.clock())
		at := dayOrder{line.OrderID, day(shown)}
		took := func(step string, took time.Duration) {
			orders[key{dateText(at.day), step, wholeText(TimeTold(took))}]++
		}
		took("placed", 0)
		if n := versions[at.day]; n >= 0 { // once for each day with orders, also if it has none
			orders[key{dateText(at.day), "versions", "0"}], versions[at.day] = n, -1
		}
		if until, known := completed[at]; known && Paid(f) {
			took("completed", until.Sub(f.Time))
		}
		if until, known := refunded[at]; known && (f.Status == "refunded" || f.Status == "partially_refunded") {
			took("refunded", until.Sub(f.Time))
		}
		if f.Status == "pending" {
			took("pending", Waited(o.Through, shown))
		}
	})
	var sheet Sheet
	for k, n := range orders {
		sheet = append(sheet, []string{k.day, k.step, k.seconds, wholeText(n)})
	}
	return sheet
}

// Waited is how long an order has been pending, from the end of the hour in which a clock showed that it was placed.
func Waited(until, placed time.Time) time.Duration {
	intoHour := time.Duration(placed.Minute())*time.Minute + time.Duration(placed.Second())*time.Second + time.Duration(placed.Nanosecond())
	return until.Sub(placed) + intoHour - time.Hour
}

// TimeTold is a time as finely as the report has it, in seconds.
func TimeTold(took time.Duration) int64 {
	unit := 24 * time.Hour
	switch {
	case took < 0:
		return 0
	case took < 2*time.Hour:
		unit = time.Minute
	case took < 30*24*time.Hour:
		unit = time.Hour
	}
	return int64(took / unit * unit / time.Second)
}
