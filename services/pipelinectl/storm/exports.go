package storm

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strconv"
)

// nativeOrder is a generated order without anything that is optional. Numbers keep their text.
type nativeOrder struct {
	OrderID    string `json:"order_id"`
	CustomerID string `json:"customer_id"`
	Time       string `json:"order_timestamp"`
	Items      []struct {
		ProductID string      `json:"product_id"`
		Quantity  int64       `json:"quantity"`
		UnitPrice json.Number `json:"unit_price"`
	} `json:"items"`
	Total   json.Number `json:"total_amount"`
	Status  string      `json:"payment_status"`
	Address struct {
		Street  string `json:"street"`
		City    string `json:"city"`
		State   string `json:"state"`
		Zipcode string `json:"zipcode"`
		Country string `json:"country"`
	} `json:"shipping_address"`
}

// toLines writes what the source order-lines-csv reads: a row for each line of an order.
func toLines(orders []nativeOrder, delimiter rune) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = delimiter
	rows := [][]string{{"order_id", "customer_id", "order_timestamp", "product_id", "quantity", "unit_price", "total_amount", "payment_status",
		"street", "city", "state", "zipcode", "country"}}
	for _, o := range orders {
		a := o.Address
		for _, l := range o.Items {
			rows = append(rows, []string{o.OrderID, o.CustomerID, o.Time, l.ProductID, strconv.FormatInt(l.Quantity, 10), l.UnitPrice.String(),
				o.Total.String(), o.Status, a.Street, a.City, a.State, a.Zipcode, a.Country})
		}
	}
	err := w.WriteAll(rows)
	return b.Bytes(), err
}
