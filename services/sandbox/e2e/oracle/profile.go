package oracle

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// cell is a value: a word or a number. A number of a date or a time is shown by at.
type cell struct {
	word   string
	number *big.Rat
	at     string
}

func (c cell) filled() bool { return strings.TrimSpace(c.word) != "" || c.number != nil }

func (c cell) text() string {
	switch {
	case c.at != "":
		return c.at
	case c.number != nil:
		return plainText(c.number)
	default:
		return short(c.word)
	}
}

// short is a word as a report shows it.
func short(word string) string {
	if runes := []rune(word); len(runes) > 120 {
		return string(runes[:119]) + "…"
	}
	return word
}

// telltale is what looks like an e-mail address or a telephone number.
var telltale = regexp.MustCompile(`[^\s@]@[^\s@]+\.[^\s@]|^\s*\+[0-9 ()/.-]{7,}`)

func (c cell) shown() bool { return !telltale.MatchString(c.word) }

func wordCell(word string) cell { return cell{word: word} }

func numberCell(r *big.Rat) cell { return cell{number: r} }

func statedCell(s reference.Stated) cell {
	if !s.Is {
		return cell{}
	}
	return numberCell(s.Amount.Rat())
}

func timeCell(t time.Time) cell {
	if t.IsZero() {
		return cell{}
	}
	return cell{number: ratOf(t.Unix()), at: t.UTC().Format("2006-01-02T15:04:05Z")}
}

// column is what a table's rows hold in a column.
type column struct {
	table, name, kind string
	personal          bool
	cells             []cell
}

// profiledTable gathers a table row by row.
type profiledTable struct {
	name    string
	columns []*column
	next    int // column of the row that is being added
}

func (t *profiledTable) add(name, kind string, c cell) { t.put(name, kind, false, c) }

func (t *profiledTable) addPersonal(name, word string) { t.put(name, "text", true, wordCell(word)) }

func (t *profiledTable) put(name, kind string, personal bool, c cell) {
	if t.next == len(t.columns) {
		t.columns = append(t.columns, &column{t.name, name, kind, personal, nil})
	}
	t.columns[t.next].cells = append(t.columns[t.next].cells, c)
	t.next++
}

// empty takes the rows out again and leaves the columns, which a table without rows has, too.
func (t *profiledTable) empty() {
	for _, c := range t.columns {
		c.cells = nil
	}
}

// profiledDay gathers the orders and the lines of a day.
func profiledDay(w *reference.Warehouse, o Options, before int) []*column {
	orders, lines := profiledTable{name: "orders"}, profiledTable{name: "lines"}
	add := func(key reference.LineKey, f reference.Fact) {
		if key.Line == 1 {
			orderCells(&orders, key.OrderID, f)
		}
		lines.next = 0
		lines.add("line_number", "number", numberCell(ratOf(key.Line)))
		lines.add("product_id", "text", wordCell(f.ProductID))
		name := f.ProductName
		if f.Orphan() {
			name = ""
		}
		lines.add("product_name", "text", wordCell(name))
		lines.add("category", "text", wordCell(f.Category))
		lines.add("quantity", "number", numberCell(ratOf(f.Quantity)))
		lines.add("unit_price", "number", numberCell(f.UnitPrice.Rat()))
		lines.add("line_discount_amount", "number", statedCell(f.LineDiscount))
		lines.add("line_total", "number", numberCell(f.LineTotal.Rat()))
	}
	add(reference.LineKey{Line: 1}, reference.Fact{})
	orders.empty()
	lines.empty()
	for key, f := range w.Facts {
		if o.daysBefore(f.Time) == before {
			add(key, f)
		}
	}
	return append(orders.columns, lines.columns...)
}

func orderCells(t *profiledTable, id string, f reference.Fact) {
	t.next = 0
	t.add("order_id", "text", wordCell(id))
	t.addPersonal("customer_id", f.CustomerID)
	t.add("customer_tier", "text", wordCell(f.Tier))
	t.add("order_timestamp", "time", timeCell(f.Time))
	t.add("order_hour", "number", numberCell(ratOf(f.Time.Hour())))
	var offset cell
	if _, seconds := f.Time.Zone(); seconds != 0 {
		offset = numberCell(ratOf(seconds))
	}
	t.add("utc_offset_seconds", "number", offset)
	t.add("total_amount", "number", numberCell(f.Total.Rat()))
	t.add("currency", "text", wordCell(reference.Currency))
	t.add("payment_status", "text", wordCell(f.Status))
	t.add("payment_status_text", "text", wordCell(f.StatusText))
	t.add("tax_amount", "number", statedCell(f.Tax))
	t.add("tax_included", "flag", wordCell(f.TaxIncluded))
	t.add("shipping_amount", "number", statedCell(f.Shipping))
	t.add("discount_amount", "number", statedCell(f.Discount))
	t.add("refunded_amount", "number", statedCell(f.Refunded))
	t.addPersonal("street", f.Street)
	t.addPersonal("city", f.City)
	t.add("state", "text", wordCell(f.State))
	t.addPersonal("zipcode", f.Zipcode)
	t.add("country", "text", wordCell(f.Country))
	t.add("region", "text", wordCell(f.Area))
	t.add("updated_at", "time", timeCell(f.UpdatedAt))
}

// profiledCatalogs gathers the catalogs, which have no days.
func profiledCatalogs(w *reference.Warehouse) []*column {
	products, customers := profiledTable{name: "products"}, profiledTable{name: "customers"}
	product := func(id string, p reference.Product) {
		products.next = 0
		products.add("product_id", "text", wordCell(id))
		products.add("product_name", "text", wordCell(p.Name))
		products.add("category", "text", wordCell(p.Category))
		products.add("price", "number", numberCell(p.Price.Rat()))
		var stock cell
		if p.Stock.Is {
			stock = numberCell(ratOf(p.Stock.Units))
		}
		products.add("stock_level", "number", stock)
		products.add("is_active", "flag", wordCell(strconv.FormatBool(!p.Inactive)))
	}
	customer := func(id string, c reference.Customer) {
		customers.next = 0
		customers.addPersonal("customer_id", id)
		customers.addPersonal("name", c.Name)
		customers.addPersonal("email", c.Email)
		var registered cell
		if day, err := time.Parse(time.DateOnly, c.Registered); err == nil {
			registered = cell{number: ratOf(day.Unix() / 86_400), at: c.Registered}
		}
		customers.add("registration_date", "date", registered)
		customers.add("customer_tier", "text", wordCell(c.Tier))
		customers.add("is_active", "flag", wordCell(strconv.FormatBool(!c.Inactive)))
	}
	product("", reference.Product{})
	customer("", reference.Customer{})
	products.empty()
	customers.empty()
	for id, p := range w.Products {
		product(id, p)
	}
	for id, c := range w.Customers {
		customer(id, c)
	}
	return append(products.columns, customers.columns...)
}

// counted is a value and how often it stands.
type counted struct {
	cell
	occurrences int64
}

// figures are what a column holds.
type figures struct {
	rows, filled int64
	values       []counted // ascending
	top          []counted
	share, mean  *big.Rat
}

func (c *column) figures() figures {
	f := figures{rows: int64(len(c.cells))}
	counts, sum := make(map[string]counted), new(big.Rat)
	for _, v := range c.cells {
		if !v.filled() {
			continue
		}
		f.filled++
		key := v.word
		if v.number != nil {
			key = v.number.RatString()
			sum.Add(sum, v.number)
		}
		counts[key] = counted{v, counts[key].occurrences + 1}
	}
	f.values = slices.SortedFunc(maps.Values(counts), func(a, b counted) int {
		if a.number != nil {
			return a.number.Cmp(b.number)
		}
		return cmp.Compare(a.word, b.word)
	})
	f.top = slices.DeleteFunc(slices.Clone(f.values), func(v counted) bool { return !v.shown() })
	slices.SortStableFunc(f.top, func(a, b counted) int { return cmp.Compare(b.occurrences, a.occurrences) })
	f.top = f.top[:min(10, len(f.top))]
	if f.rows > 0 {
		f.share = rounded(quotient(ratOf(f.filled), ratOf(f.rows)), 4)
	}
	if c.kind == "number" && f.filled > 0 {
		f.mean = rounded(quotient(sum, ratOf(f.filled)), 4)
	}
	return f
}

func (f figures) isWhole() bool { return len(f.top) == len(f.values) }

// variety is how many different values there are for each filled row.
func (f figures) variety() *big.Rat {
	if f.filled == 0 {
		return new(big.Rat)
	}
	return quotient(ratOf(len(f.values)), ratOf(f.filled))
}

func (f figures) shareOf(text string) *big.Rat {
	for _, v := range f.top {
		if v.text() == text {
			return quotient(ratOf(v.occurrences), ratOf(f.filled))
		}
	}
	return new(big.Rat)
}

// at is the value that of so many hundredths of the filled rows none exceeds.
func (f figures) at(percent int64) string {
	var upTo int64
	for _, v := range f.values {
		if upTo += v.occurrences; v.number != nil && upTo*100 >= f.filled*percent {
			return v.text()
		}
	}
	return ""
}

// Profile is the report profile, where no report of the weekdays that it is compared with was made before: of them the orders
// are known and no catalogs.
func Profile(w *reference.Warehouse, o Options) Sheet {
	var earlier [][]*column
	for week := 1; week <= 4; week++ {
		if of := profiledDay(w, o, 7*week); len(of[0].cells) > 0 {
			earlier = append(earlier, of)
		}
	}
	var sheet Sheet
	facts := profiledDay(w, o, 0)
	for i, c := range append(slices.Clone(facts), profiledCatalogs(w)...) {
		var before []figures
		for _, of := range earlier {
			if i < len(facts) {
				before = append(before, of[i].figures())
			}
		}
		isFirst := i == 0 || sheet[i-1][0] != c.table
		sheet = append(sheet, profileRow(c, c.figures(), before, isFirst))
	}
	return sheet.number()
}

// profileRow is a column beside its days before.
func profileRow(c *column, f figures, before []figures, isFirst bool) []string {
	smallest, largest := "", ""
	for _, v := range f.values {
		if c.personal || !v.shown() {
			continue
		}
		if largest = v.text(); smallest == "" {
			smallest = largest
		}
	}
	b := besides{f, before}
	list, differs := b.list()
	if c.personal || c.kind == "date" || c.kind == "time" {
		list, differs = "", false
	}
	if len(f.top) > 0 && f.top[0].occurrences == 1 && len(f.values) > 10 {
		list = ""
	}
	unusual := b.unusual(isFirst)
	if differs {
		unusual = append(unusual, "values")
	}
	if len(before) < 3 {
		unusual = nil
	}
	return []string{
		c.table, c.name, c.kind, strconv.FormatBool(c.personal), wholeText(f.rows), wholeText(f.filled), plainText(f.share), wholeText(len(f.values)),
		smallest, f.at(5), f.at(25), f.at(50), f.at(75), f.at(95), largest, plainText(f.mean), list,
		wholeText(len(before)), floor(b.usual(figures.rowCount)), plainText(b.usual(figures.filledShare)), floor(b.usual(figures.distinct)), plainText(b.usualMean()),
		strings.Join(unusual, " "),
	}
}

func (f figures) rowCount() *big.Rat { return ratOf(f.rows) }

func (f figures) filledShare() *big.Rat { return f.share }

func (f figures) distinct() *big.Rat { return ratOf(len(f.values)) }

func (f figures) average() *big.Rat { return f.mean }

// floor is a count without its half.
func floor(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return wholeText(new(big.Int).Quo(r.Num(), r.Denom()).Int64())
}

// besides is a column and the same on the days before.
type besides struct {
	figures
	before []figures
}

func (b besides) values(of func(figures) *big.Rat) []*big.Rat {
	var all []*big.Rat
	for _, f := range b.before {
		all = append(all, of(f))
	}
	return all
}

// usual is the median; nil: there are no days.
func (b besides) usual(of func(figures) *big.Rat) *big.Rat {
	if len(b.before) == 0 {
		return nil
	}
	return rounded(middle(b.values(of)), 4)
}

func (b besides) usualMean() *big.Rat {
	if slices.ContainsFunc(b.before, func(f figures) bool { return f.mean == nil }) {
		return nil
	}
	return b.usual(figures.average)
}

// differs tells whether a figure is further from what is usual than twice the farthest day, and than the floor.
func (b besides) differs(of func(figures) *big.Rat, usual, atLeast *big.Rat) bool {
	most := atLeast
	for _, v := range b.values(of) {
		most = larger(most, new(big.Rat).Mul(ratOf(2), magnitude(subtract(v, usual))))
	}
	return magnitude(subtract(of(b.figures), usual)).Cmp(most) > 0
}

func (b besides) unusual(isFirst bool) (all []string) {
	if len(b.before) == 0 {
		return nil
	}
	whole := func(of func(figures) *big.Rat) *big.Rat { r, _ := new(big.Rat).SetString(floor(b.usual(of))); return r }
	quarterOf := func(r *big.Rat) *big.Rat { return new(big.Rat).Mul(quarter, magnitude(r)) }
	if rows := whole(figures.rowCount); isFirst && b.differs(figures.rowCount, rows, quarterOf(rows)) {
		all = append(all, "rows")
	}
	if b.rows < fewest {
		return all
	}
	if b.differs(figures.filledShare, b.usual(figures.filledShare), big.NewRat(2, 100)) {
		all = append(all, "filled")
	}
	distinct, variety := whole(figures.distinct), middle(b.values(figures.variety))
	if b.differs(figures.distinct, distinct, larger(ratOf(5), quarterOf(distinct))) && b.filled > 0 && magnitude(subtract(b.variety(), variety)).Cmp(quarterOf(variety)) > 0 {
		all = append(all, "distinct")
	}
	if usual := b.usualMean(); usual != nil && b.mean != nil && b.differs(figures.average, usual, quarterOf(usual)) {
		all = append(all, "mean")
	}
	return all
}

// fewest rows are judged by more than their number.
const fewest = 30

// listed is an entry of a list of values.
type listed struct {
	Value       string  `json:"value"`
	Occurrences int64   `json:"occurrences"`
	UsualShare  *string `json:"usual_share"`
	Change      *string `json:"change"`
}

// list is the list of the most frequent values, and whether it is another than on the days before.
func (b besides) list() (text string, differs bool) {
	known := b.isWhole() && len(b.before) > 0
	for _, f := range b.before {
		known = known && f.isWhole()
	}
	var entries []listed
	tell := func(value string, occurrences int64, now *big.Rat) {
		e := listed{Value: value, Occurrences: occurrences}
		if known {
			shares := b.values(func(f figures) *big.Rat { return f.shareOf(value) })
			usual, least, most := middle(shares), slices.MinFunc(shares, (*big.Rat).Cmp), slices.MaxFunc(shares, (*big.Rat).Cmp)
			said := plainText(rounded(usual, 4))
			e.UsualShare = &said
			if change := changeOf(occurrences, now, usual, least, most); change != "" && len(b.before) >= 3 && b.filled >= fewest {
				e.Change, differs = &change, true
			}
		}
		if occurrences > 0 || e.Change != nil {
			entries = append(entries, e)
		}
	}
	for _, v := range b.top {
		tell(v.text(), v.occurrences, b.shareOf(v.text()))
	}
	gone := make(map[string]bool)
	for _, f := range b.before {
		for _, v := range f.top {
			gone[v.text()] = !slices.ContainsFunc(b.top, func(now counted) bool { return now.text() == v.text() })
		}
	}
	for _, value := range slices.Sorted(maps.Keys(gone)) {
		if gone[value] && known {
			tell(value, 0, new(big.Rat))
		}
	}
	if len(entries) == 0 {
		return "", false
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(entries); err != nil {
		return err.Error(), false
	}
	return strings.TrimSpace(out.String()), differs
}

func changeOf(occurrences int64, now, usual, least, most *big.Rat) string {
	hundredth := big.NewRat(1, 100)
	bound := big.NewRat(1, 10)
	for _, edge := range []*big.Rat{least, most} {
		bound = larger(bound, new(big.Rat).Mul(ratOf(2), magnitude(subtract(edge, usual))))
	}
	switch {
	case most.Sign() == 0 && occurrences >= 3 && now.Cmp(hundredth) >= 0:
		return "new"
	case occurrences == 0 && least.Cmp(hundredth) >= 0:
		return "gone"
	case subtract(now, usual).Cmp(bound) > 0:
		return "more"
	case subtract(usual, now).Cmp(bound) > 0:
		return "less"
	}
	return ""
}
