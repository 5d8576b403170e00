package reference

import "cmp"

// waiting are the lines of facts that wait for a row of a catalog, by its id, and some that did.
type waiting struct{ products, customers map[string][]LineKey }

// repair gives the facts loaded before what the catalogs have learned since.
func (m *model) repair(readings []*reading) {
	for _, r := range readings {
		for _, row := range r.products {
			m.enrichAll(m.waiting.products, row.id)
		}
		for _, row := range r.customers {
			m.enrichAll(m.waiting.customers, row.id)
		}
	}
}

// enrichAll gives the facts that wait for a row of a catalog what it says, if it is there.
func (m *model) enrichAll(waiting map[string][]LineKey, id string) {
	var still []LineKey
	for _, key := range waiting[id] {
		f, stands := m.warehouse.Facts[key]
		if !stands {
			continue
		}
		if m.enrich(&f); f.Orphan() || !f.customerKnown {
			still = append(still, key)
		}
		m.warehouse.Facts[key] = f
	}
	waiting[id] = still
}

// enrich fills what a fact does not know yet; what it knows, it keeps. A guest and a
// line without a product have nothing to wait for.
func (m *model) enrich(f *Fact) {
	if f.CustomerID == "" {
		f.Tier, f.customerKnown = "guest", true
	}
	if f.ProductID == "" {
		f.Category = none
	}
	if p, known := m.warehouse.Products[f.ProductID]; known && !f.ProductKnown {
		f.ProductName, f.Category, f.ProductKnown = p.Name, cmp.Or(p.Category, none), true
	}
	if c, known := m.warehouse.Customers[f.CustomerID]; known && !f.customerKnown {
		f.Tier, f.customerKnown = cmp.Or(c.Tier, none), true
	}
}
