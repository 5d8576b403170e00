package storm

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// TestSeed: a seed draws the same files and the same blows again, and another one others.
func TestSeed(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var drawn []string
	for _, seed := range []uint64{1, 1, 2} {
		files, err := newFiles(seed, today)
		if err != nil {
			t.Fatal(err)
		}
		var all bytes.Buffer
		for range 200 {
			m, err := files.next(10)
			if err != nil {
				t.Fatal(err)
			}
			all.WriteString(m.name)
			all.Write(m.text)
		}
		draw := rand.New(rand.NewPCG(seed, 1))
		for range 200 {
			b, _ := json.Marshal(drawBlow(draw).victims)
			plan, _ := drawPlan(draw, 0)
			all.Write(b)
			all.WriteString(plan)
		}
		drawn = append(drawn, all.String())
	}
	if drawn[0] != drawn[1] {
		t.Error("the same seed draws something else")
	}
	if drawn[0] == drawn[2] {
		t.Error("another seed draws the same")
	}
}

// TestEveryKindHasItsTurn: a long storm has all kinds of faults, of files and of victims.
func TestEveryKindHasItsTurn(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(1, 1))
	plans, drawn := "", 0
	for drawn < 3*len(kinds) {
		plan, n := drawPlan(draw, drawn)
		plans, drawn = plans+plan, drawn+n
	}
	for _, k := range kinds {
		if strings.Count(plans, k.words) < 2 {
			t.Errorf("%q was drawn less than twice in %d", k.words, drawn)
		}
	}
	victims := make(map[string]int)
	for range 300 {
		b := drawBlow(draw)
		victims[strings.Join(slices.Sorted(slices.Values(b.victims)), " ")]++
	}
	for _, want := range append(slices.Clone(services), theCloud, "aggregator cloud parser reporter watcher writer", "aggregator parser reporter watcher writer", "parser writer") {
		if victims[want] == 0 {
			t.Errorf("%q were never the victims", want)
		}
	}
	files, err := newFiles(1, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for range 400 {
		m, err := files.next(10)
		if err != nil {
			t.Fatal(err)
		}
		name := topology.Landing + m.name
		seen[topology.KindFolder(topology.KindOf(name))] = true
		seen[filepath.Ext(name)] = true
		seen[filepath.Base(filepath.Dir(name))] = true
		if m.healthy && len(m.text) == 0 {
			t.Errorf("%s is empty and said to be healthy", name)
		}
	}
	for _, want := range []string{"orders", "products", "customers", "unknown", ".gz", ".csv", ".json", ".pdf", "order-lines-csv"} {
		if !seen[want] {
			t.Errorf("no file of %q", want)
		}
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	var o nativeOrder
	if err := json.Unmarshal([]byte(`{"order_id":"o","customer_id":"c","order_timestamp":"t","items":[{"product_id":"p","quantity":2,"unit_price":1.50},{"product_id":"q","quantity":1,"unit_price":0.10}],`+
		`"total_amount":3.10,"payment_status":"completed","shipping_address":{"street":"1, Main St","city":"x","state":"NY","zipcode":"1","country":"USA"}}`), &o); err != nil {
		t.Fatal(err)
	}
	got, err := toLines([]nativeOrder{o}, ';')
	if err != nil {
		t.Fatal(err)
	}
	want := "order_id;customer_id;order_timestamp;product_id;quantity;unit_price;total_amount;payment_status;street;city;state;zipcode;country\n" +
		"o;c;t;p;2;1.50;3.10;completed;1, Main St;x;NY;1;USA\no;c;t;q;1;0.10;3.10;completed;1, Main St;x;NY;1;USA\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// beProgram has this test's binary be a program that does nothing until it is ended.
const beProgram = "STORM_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		ctx, stop := service.SignalContext()
		<-ctx.Done()
		stop()
		return
	}
	os.Exit(m.Run())
}

// TestProgram kills, freezes and holds a process: it lives again after each, and ends for
// good when it is stopped.
func TestProgram(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := startProgram("program", self, filepath.Join(t.TempDir(), "log"), func() []string { return append(os.Environ(), beProgram+"=1") })
	if err != nil {
		t.Fatal(err)
	}
	await := func(what string, done func() bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for !done() {
			if sleep.For(ctx, time.Millisecond) != nil {
				t.Fatalf("not within a minute: %s", what)
			}
		}
	}
	await("it runs", func() bool { return p.pid() != 0 })
	first := p.pid()
	if !p.freeze() || p.freeze() || !p.thaw() || p.thaw() {
		t.Error("it is not frozen once and thawed once")
	}
	p.hold()
	if !p.kill() || p.pid() != 0 || p.kill() {
		t.Error("it is not killed once")
	}
	p.letGo()
	await("it runs again", func() bool { return p.pid() != 0 && p.pid() != first })
	if p.died() != 0 {
		t.Errorf("it ended by itself %d times", p.died())
	}
	if err := p.stop(time.Minute); err != nil || p.pid() != 0 {
		t.Errorf("stopped with %v, pid %d", err, p.pid())
	}
}

func TestRight(t *testing.T) {
	t.Parallel()
	right := func(change func(*Report)) bool {
		r := newReport(1)
		r.checked, r.Settled = true, true
		change(r)
		return r.Right()
	}
	if !right(func(*Report) {}) {
		t.Error("nothing is wrong, and the report is not right")
	}
	for name, change := range map[string]func(*Report){
		"not checked":         func(r *Report) { r.checked = false },
		"not settled":         func(r *Report) { r.Settled = false },
		"lost":                func(r *Report) { r.Lost = 1 },
		"doubled":             func(r *Report) { r.Doubled = 1 },
		"different":           func(r *Report) { r.Differences = []string{"x"} },
		"healthy quarantined": func(r *Report) { r.HealthyQuarantined = []string{"x"} },
		"dead letter":         func(r *Report) { r.DeadLetters = 1 },
		"panic":               func(r *Report) { r.Panics = 1 },
	} {
		if right(change) {
			t.Errorf("right, though: %s", name)
		}
	}
	if got := ratios([]Outage{{Ratio: 3}, {Ratio: 1}, {Ratio: 2}}); got != (Ratios{Median: 2, Max: 3}) {
		t.Errorf("ratios %v", got)
	}
}
