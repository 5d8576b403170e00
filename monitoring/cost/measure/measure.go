// Package measure weighs what the pipeline moves and keeps: orders of the product's own
// generator, read by its own decoder, as messages, as rows and as bytes of a file. The
// same sample gives the same bytes on every machine.
package measure

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
)

// Sample is how many orders are weighed; the mean moves by less than a byte with more.
const Sample = 20_000

// Columns are the mean bytes of each column of a table, by BigQuery's rules.
type Columns map[string]int64

// Row is the size of a whole row.
func (c Columns) Row() int64 {
	var sum int64
	for _, size := range c {
		sum += size
	}
	return sum
}

// Kind is what one record of a kind weighs, in bytes.
type Kind struct {
	File    int64 // in its landed file
	Message int64 // as published: the proto and its attributes
	Staging Columns
}

// Sizes are the weights of everything.
type Sizes struct {
	Order, Product, Customer Kind
	LinesPerHundred          int64 // lines of a hundred orders
	Fact                     Columns
	Key                      Columns
	DimProduct, DimCustomer  Columns
}

var landedAt = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func reading(kind string) decode.Reading {
	fileID := identity.FileID("ecomm-prod-data-pipeline", "landing/"+kind+"/2026-11-01T12-00.json", landedAt.UnixMicro())
	return decode.Reading{FileID: fileID, ParseID: identity.ParseID(fileID, "1"), LandedAt: landedAt, Currency: "USD", MaxOrderLines: 10_000, MaxOrderAgeDays: 3653}
}

// Take weighs the sample.
func Take() (*Sizes, error) {
	s := new(Sizes)
	products, customers := make(map[string]*catalogv1.Product), make(map[string]*catalogv1.Customer)
	var err error
	if s.Product, err = weighCatalog("products", func(w *bytes.Buffer) error {
		_, err := generate.WriteProducts(w, generate.CatalogOptions{Count: generate.DefaultProducts, Today: landedAt})
		return err
	}, func(m proto.Message, t tally) {
		p := proto.CloneOf(m.(*catalogv1.Product))
		products[p.GetProductId()] = p
		addProduct(t, p)
	}); err != nil {
		return nil, err
	}
	if s.Customer, err = weighCatalog("customers", func(w *bytes.Buffer) error {
		_, err := generate.WriteCustomers(w, generate.CatalogOptions{Count: generate.DefaultCustomers, Today: landedAt})
		return err
	}, func(m proto.Message, t tally) {
		c := proto.CloneOf(m.(*catalogv1.Customer))
		customers[c.GetCustomerId()] = c
		addCustomer(t, c)
	}); err != nil {
		return nil, err
	}
	s.DimProduct = dimension(s.Product.Staging)
	s.DimCustomer = dimension(s.Customer.Staging)
	return s, s.weighOrders(products, customers)
}

func (s *Sizes) weighOrders(products map[string]*catalogv1.Product, customers map[string]*catalogv1.Customer) error {
	source, err := generate.NewOrders(generate.OrderOptions{From: landedAt.Add(-time.Hour), To: landedAt, UnknownShare: -1, VariedShare: -1})
	if err != nil {
		return err
	}
	r := reading("orders")
	decoder := decode.NewOrders(r)
	staging, facts, keys := make(tally), make(tally), make(tally)
	var line []byte
	var file, messages, lines int64
	for i := range int64(Sample) {
		line = source.Append(line[:0])
		file += int64(len(line))
		accepted, fault := decoder.Decode(bytes.TrimSuffix(line, []byte("\n")))
		if fault != nil {
			return fmt.Errorf("generated order %d is refused: %w", i, fault)
		}
		accepted.Source.RecordIndex = i
		o := accepted.Message.(*ordersv1.Order)
		messages += messageBytes(r, o, i, map[string]string{
			topology.AttrOrderID: accepted.OrderID, topology.AttrContentHash: accepted.Source.GetContentHash()})
		lines += int64(len(o.GetItems()))
		addStaging(staging, o)
		addKey(keys, o)
		for _, item := range o.GetItems() {
			addFact(facts, o, products[item.GetProductId()], customers[o.GetCustomerId()])
		}
	}
	s.Order = Kind{File: mean(file, Sample), Message: mean(messages, Sample), Staging: staging.means(Sample)}
	s.LinesPerHundred = mean(lines*100, Sample)
	s.Fact, s.Key = facts.means(lines), keys.means(Sample)
	return nil
}

// weighCatalog weighs the rows of a catalog file.
func weighCatalog(kind string, write func(*bytes.Buffer) error, add func(proto.Message, tally)) (Kind, error) {
	var file bytes.Buffer
	if err := write(&file); err != nil {
		return Kind{}, fmt.Errorf("generate %s: %w", kind, err)
	}
	rows := bytes.Split(bytes.TrimSuffix(file.Bytes(), []byte("\n")), []byte("\n"))
	r := reading(kind)
	var decoder decode.Decoder
	var err error
	if kind == "products" {
		decoder, err = decode.NewProducts(r, rows[0])
	} else {
		decoder, err = decode.NewCustomers(r, rows[0])
	}
	if err != nil {
		return Kind{}, fmt.Errorf("read the header of %s: %w", kind, err)
	}
	columns := make(tally)
	var messages int64
	for i, row := range rows[1:] {
		accepted, fault := decoder.Decode(row)
		if fault != nil {
			return Kind{}, fmt.Errorf("generated row %d of %s is refused: %w", i, kind, fault)
		}
		accepted.Source.RecordIndex = int64(i)
		messages += messageBytes(r, accepted.Message, int64(i), nil)
		add(accepted.Message, columns)
	}
	n := int64(len(rows) - 1)
	return Kind{File: mean(int64(file.Len()), n), Message: mean(messages, n), Staging: columns.means(n)}, nil
}

// messageBytes is the size of a message as the parser publishes it: the proto, and
// the names and values of its attributes.
func messageBytes(r decode.Reading, m proto.Message, index int64, more map[string]string) int64 {
	attributes := map[string]string{
		topology.AttrFileID: r.FileID, topology.AttrParseID: r.ParseID,
		topology.AttrRecordIndex: strconv.FormatInt(index, 10),
		topology.AttrSchema:      string(m.ProtoReflect().Descriptor().FullName()),
		topology.AttrTraceparent: telemetry.Traceparent(telemetry.WithFile(context.Background(), r.FileID, 1)),
	}
	size := proto.Size(m)
	for _, set := range []map[string]string{attributes, more} {
		for name, value := range set {
			size += len(name) + len(value)
		}
	}
	return int64(size)
}

func mean(sum, n int64) int64 { return (sum + n/2) / n }
