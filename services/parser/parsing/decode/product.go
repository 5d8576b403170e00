package decode

import (
	"fmt"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
)

// Columns of a products file. The name may be empty, the others not.
const (
	productID = iota
	productName
	productCategory
	productPrice
	productStock
)

// productColumns are the columns that a products file must have.
var productColumns = []string{"product_id", "product_name", "category", "price", "stock_level"}

// Products decodes products.
type Products struct {
	table
	product catalogv1.Product
	price   moneypb.Money
}

// NewProducts decodes the products of one reading of a file with this header.
func NewProducts(r Reading, header []byte) (*Products, error) {
	h, err := ParseHeader(header, productColumns)
	if err != nil {
		return nil, err
	}
	d := &Products{}
	d.init(r)
	d.header, d.columns = h, productColumns
	d.product.Price, d.product.Source = &d.price, &d.source
	return d, nil
}

// Decode implements Decoder.
func (d *Products) Decode(raw []byte) (*Accepted, *Fault) {
	if !d.read(raw) {
		return nil, d.fault
	}
	p := &d.product
	p.ProductId = d.required(productID, maxID)
	p.ProductName = d.cell(productName, maxText)
	p.Category = d.required(productCategory, maxText)
	d.readPrice(d.required(productPrice, maxID))
	p.StockLevel = d.readStock(d.required(productStock, maxID))
	d.keepUnknown()
	if d.fault != nil {
		return nil, d.fault
	}
	h := d.hash
	h.Reset()
	h.String(p.ProductId)
	h.String(p.ProductName)
	h.String(p.Category)
	h.Int(d.price.Units)
	h.Int(int64(d.price.Nanos))
	h.String(d.currency)
	h.Int(p.StockLevel)
	h.String(d.source.UnknownFields)
	return d.accept(p), nil
}

func (d *Products) readPrice(text string) {
	if text == "" {
		return
	}
	rounded, message := parseAmount(&d.price, []byte(text), d.currency)
	if message != "" {
		d.refuse(rules.InvalidAmount, productColumns[productPrice], message)
	}
	if rounded {
		d.warned |= warnAmountRounded
	}
}

func (d *Products) readStock(text string) int64 {
	if text == "" {
		return 0
	}
	level, ok := parseWhole([]byte(text))
	if !ok {
		d.refuse(rules.InvalidQuantity, productColumns[productStock],
			fmt.Sprintf("the stock level is not a whole number of at most %d", maxQuantity))
	}
	return level
}
