package reference

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// VersionKey is the grain of order_history.
type VersionKey struct {
	FileID string
	Record int64
}

// Version is a row of order_history.
type Version struct {
	OrderID    string
	Outcome    string // superseded or stale
	IsUpdate   bool
	CustomerID string // empty for a guest
	Time       time.Time
	Day        time.Time // on the shop's clock
	Updated    time.Time // zero when the source gives none
	Total      Amount
	Refunded   Stated
	Status     string
	Lines      int64
}

// orderVersion is a record of an order that is, was or might have been the one that counts.
type orderVersion struct {
	reading  *reading
	order    order
	isUpdate bool
	isStale  bool // never counted, because a later one was known
	isHeir   bool // takes the place of one that was read again, until the batch brings a later one
	since    int  // transaction that replaced it
}

func (v *orderVersion) fileID() string { return v.reading.file.ID }

// isTold tells whether updated_at orders the two versions.
func (v *orderVersion) isTold(w *orderVersion) bool {
	return !v.order.updated.IsZero() && !w.order.updated.IsZero() && !v.order.updated.Equal(w.order.updated)
}

// landing compares by landing, file and position.
func (v *orderVersion) landing(w *orderVersion) int {
	return cmp.Or(v.reading.file.LandedAt.Compare(w.reading.file.LandedAt),
		cmp.Compare(v.fileID(), w.fileID()), cmp.Compare(v.order.record, w.order.record))
}

// What becomes of a record whose order came before.
const (
	replay   = "duplicate_order_replay"
	conflict = "duplicate_order_conflict"
	stale    = "order_version_stale"
	updated  = "order_updated"
)

// orderChange is what a transaction does to the orders.
type orderChange struct {
	changed  map[string]bool               // orders whose version that counts is another now
	replaced map[replacedKey]*orderVersion // versions that had been replaced, also under no content
	standing map[string]*orderVersion      // what counted before the transaction, by order; nil for none
}

func newOrderChange() *orderChange {
	return &orderChange{make(map[string]bool), make(map[replacedKey]*orderVersion), make(map[string]*orderVersion)}
}

// replacedKey is a version that a file had left in the history.
type replacedKey struct {
	fileID, orderID string
	content         content
}

// forget takes back what an earlier reading of a file has loaded and kept. The
// dimensions stay, and so do the duplicates that other files were found to hold.
func (m *model) forget(fileID string, c *orderChange) {
	if _, before := m.warehouse.Files[fileID]; !before {
		return
	}
	delete(m.missing, fileID)
	maps.DeleteFunc(m.owners, func(id string, v *orderVersion) bool {
		gone := v.fileID() == fileID
		c.changed[id] = c.changed[id] || gone
		return gone
	})
	for id, versions := range m.history {
		m.history[id] = slices.DeleteFunc(versions, func(v *orderVersion) bool {
			if v.fileID() != fileID {
				return false
			}
			if !v.isStale {
				c.replaced[replacedKey{fileID: fileID, orderID: id}] = v
				c.replaced[replacedKey{fileID, id, v.order.content}] = v
			}
			return true
		})
	}
}

// inherit has the newest version of another file stand where one was taken back.
func (m *model) inherit(c *orderChange) {
	for id, changed := range c.changed {
		if changed && m.owners[id] == nil && len(m.history[id]) > 0 {
			heir := slices.MaxFunc(m.history[id], func(a, b *orderVersion) int {
				return cmp.Or(a.order.updated.Compare(b.order.updated), cmp.Compare(a.since, b.since), a.landing(b))
			})
			heir.isHeir = true
			m.owners[id] = heir
		}
	}
}

// judge says what becomes of a record: nothing special, or one of the four words.
func (m *model) judge(v, current, standing *orderVersion) string {
	switch {
	case current == nil:
		return ""
	case current.order.content == v.order.content:
		return replay
	case m.isEarly(v, standing):
		return stale
	case !v.isTold(current):
		if m.policy.Latest {
			return updated
		}
		return conflict
	case v.order.updated.After(current.order.updated):
		return updated
	default:
		return stale
	}
}

// isEarly: under the policy latest, nothing but the landing orders the record and what
// stood before the transaction, and the record landed before.
func (m *model) isEarly(v, standing *orderVersion) bool {
	if !m.policy.Latest || standing == nil || standing.order.content == v.order.content {
		return false
	}
	return !v.isTold(standing) && v.landing(standing) < 0
}

// stands gives what counted before the transaction.
func (m *model) stands(id string, c *orderChange) *orderVersion {
	standing, asked := c.standing[id]
	if !asked {
		standing = m.owners[id]
		c.standing[id] = standing
	}
	return standing
}

// failDuplicates quarantines a file for its orders that came before with other
// content; of its findings those about orders that came before remain as well.
func (m *model) failDuplicates(r *reading, reason string) {
	counts := make(map[string]int64)
	m.rehearse(r, func(_, _ *orderVersion, judgement string) { counts[judgement]++ })
	if counts[conflict] > 0 || reason != "duplicate_orders" {
		r.quarantine(reason)
		r.outcome.Findings[replay] = counts[replay]
		r.outcome.Findings[conflict] = counts[conflict]
	}
}

// rehearse judges the orders of a file one after another without settling them.
func (m *model) rehearse(r *reading, visit func(v, before *orderVersion, judgement string)) {
	firsts := make(map[string]*orderVersion)
	seen := make(map[string]map[content]bool)
	for _, o := range r.orders {
		v := &orderVersion{reading: r, order: o}
		before := firsts[o.id]
		if before == nil {
			before = m.owners[o.id]
		}
		judgement := m.judge(v, before, m.owners[o.id])
		if judgement == "" || judgement == updated {
			firsts[o.id] = v
		}
		if judgement == stale && (m.isKept(o) || seen[o.id][o.content]) {
			judgement = replay
		}
		if judgement != replay && judgement != conflict {
			if seen[o.id] == nil {
				seen[o.id] = make(map[content]bool)
			}
			seen[o.id][o.content] = true
		}
		visit(v, before, judgement)
	}
}

// contradicts tells whether more of the file's records than it may have refused ones
// contradict an earlier one of it, nothing but their places telling which is later: the
// refused ones counted with them, or those counted that they contradict.
func (m *model) contradicts(r *reading) bool {
	conflicts, orders := int64(0), make(map[string]bool)
	m.rehearse(r, func(v, before *orderVersion, judgement string) {
		blind := judgement == conflict || judgement == updated && !v.isTold(before)
		if blind && before.fileID() == r.file.ID {
			conflicts++
			orders[v.order.id] = true
		}
	})
	most := rejectShare * float64(r.outcome.Records)
	refused := float64(r.outcome.Rejected)
	if r.file.AcceptRefused {
		refused = 0
	}
	return conflicts > 0 && (float64(conflicts)+refused > most || float64(conflicts+int64(len(orders))) > most)
}

// orders settles the good orders of a file, one after another.
func (m *model) orders(r *reading, c *orderChange) {
	for _, o := range r.orders {
		v := &orderVersion{reading: r, order: o}
		standing := m.stands(o.id, c)
		current := m.owners[o.id]
		judgement := m.judge(v, current, standing)
		if judgement == stale && m.isKept(o) {
			judgement = replay
		}
		if before := c.replaced[replacedKey{fileID: r.file.ID, orderID: o.id}]; judgement == stale && before != nil {
			same := c.replaced[replacedKey{r.file.ID, o.id, o.content}]
			v.isUpdate, v.since = same != nil && same.isUpdate, before.since
			m.count(v)
			m.history[o.id] = append(m.history[o.id], v)
			continue
		}
		switch judgement {
		case "":
			m.owners[o.id], c.changed[o.id] = v, true
			m.count(v)
		case updated:
			v.isUpdate = !(current.isHeir && current.isStale)
			if current.isHeir {
				current.isHeir = false // it stays in the history
			} else {
				current.since = m.clock
				m.history[o.id] = append(m.history[o.id], current)
			}
			m.owners[o.id], c.changed[o.id] = v, true
			m.count(v)
		case stale:
			v.isStale, v.since = true, m.clock
			m.history[o.id] = append(m.history[o.id], v)
			fallthrough
		default:
			r.outcome.Duplicates++
			r.outcome.Findings[judgement]++
			r.leaveOut(o.record, leftOutOf[judgement])
		}
	}
}

// isKept tells whether the history holds the version.
func (m *model) isKept(o order) bool {
	return slices.ContainsFunc(m.history[o.id], func(h *orderVersion) bool { return h.order.content == o.content })
}

// count enters a record among those that were loaded.
func (m *model) count(v *orderVersion) {
	v.reading.counted = append(v.reading.counted, v)
	v.reading.outcome.Loaded++
	v.reading.outcome.Lines += int64(len(v.order.lines))
	if v.isUpdate {
		v.reading.outcome.Updated++
		v.reading.outcome.Findings[updated]++
	}
}

// show ends a transaction: of each order whose version that counts has changed, that
// version's lines are the facts. An heir that nothing has replaced counts c.
func (m *model) show(c *orderChange) {
	for id, changed := range c.changed {
		if !changed {
			continue
		}
		for key := (LineKey{id, 1}); m.warehouse.Facts[key].FileID != ""; key.Line++ {
			delete(m.warehouse.Facts, key)
		}
		v := m.owners[id]
		if v == nil {
			continue
		}
		if v.isHeir {
			m.restore(id, v)
		}
		missing := m.load(v)
		if v.since == m.clock { // a restored version's references were looked at when it came
			continue
		}
		m.find(v.reading, missing)
		if _, known := v.order.area(); !known {
			v.reading.outcome.Findings["unknown_place"]++
		}
	}
}

// restore takes a version out of the history. If it had been left out as stale, it is
// among its file's loaded records from now on.
func (m *model) restore(id string, v *orderVersion) {
	m.history[id] = slices.DeleteFunc(m.history[id], func(h *orderVersion) bool { return h == v })
	if v.isStale {
		o := m.warehouse.Files[v.fileID()]
		o.Loaded, o.Lines, o.Duplicates = o.Loaded+1, o.Lines+int64(len(v.order.lines)), o.Duplicates-1
		m.warehouse.Files[v.fileID()] = o
	}
	v.isHeir, v.isStale, v.since = false, false, m.clock
}

// keepVersions gives the history as the warehouse must hold it.
func (m *model) keepVersions() {
	m.warehouse.Versions = make(map[VersionKey]Version)
	for id, versions := range m.history {
		for _, v := range versions {
			outcome := "superseded"
			if v.isStale {
				outcome = "stale"
			}
			m.warehouse.Versions[VersionKey{v.fileID(), v.order.record}] = Version{
				OrderID: id, Outcome: outcome, IsUpdate: v.isUpdate, CustomerID: v.order.customer, Time: v.order.time.UTC(), Day: day(v.order.time),
				Updated: v.order.updated.UTC(), Total: v.order.total, Refunded: v.order.refunded, Status: v.order.status, Lines: int64(len(v.order.lines)),
			}
		}
	}
}
