package decode

import (
	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
)

// Columns of a products file. The category, the stock level and whether the product is active may be
// missing or empty, the name may be empty, the others not.
const (
	productID = iota
	productName
	productCategory
	productPrice
	productStock
	productActive
)

// productColumns are the columns of a products file.
var productColumns = []string{"product_id", "product_name", "category", "price", "stock_level", "active"}

// Products decodes products.
type Products struct {
	table
	product catalogv1.Product
	price   moneypb.Money
}

// NewProducts decodes the products of one reading of a file with this header.
func NewProducts(r Reading, header []byte) (*Products, error) {
	h, err := ParseHeader(header, productColumns, productCategory, productStock, productActive)
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
		return nil, d.faults.first
	}
	p := &d.product
	p.ProductId = d.value(productID)
	d.require(productID, p.ProductId)
	p.ProductName = d.cell(productName, maxText)
	p.Category = given(d.cell(productCategory, maxText))
	d.readPrice(d.value(productPrice))
	p.StockLevel, p.StockLevelMissing = d.readStock(d.value(productStock))
	p.Inactive = d.readInactive(productActive)
	d.keepUnknown()
	if d.faults.first != nil {
		return nil, d.faults.first
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
	if p.StockLevelMissing {
		h.String("no stock_level") // tells it from 0; a row with a stock keeps the hash that it is known by
	}
	if p.Inactive {
		h.String("inactive")
	}
	return d.accept(p), nil
}

func (d *Products) readPrice(text string) {
	if !d.require(productPrice, text) {
		return
	}
	rounded, message := parseAmount(&d.price, []byte(text), d.currency)
	if message != "" {
		d.refuseCell(rules.InvalidAmount, productPrice, message, text, priceRemedy([]byte(text)))
	}
	if rounded {
		d.warned |= warnAmountRounded
	}
}

// readStock reads the stock level, which the source may not give.
func (d *Products) readStock(text string) (level int64, missing bool) {
	if text == "" {
		return 0, true
	}
	level, ok := parseWhole([]byte(text))
	if !ok {
		d.refuseCell(rules.InvalidQuantity, productStock, messageStock, text, stockRemedy(text))
	}
	return level, false
}
