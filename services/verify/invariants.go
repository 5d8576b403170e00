package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// atATime is how many statements run at once.
const atATime = 4

// Invariants checks what must hold whatever was landed, once every file is put away:
// each statement of the sql module's folder verify finds nothing, and the bucket agrees
// with the ledger. An error is a check that could not be made.
func Invariants(ctx context.Context, c *Clients) ([]Violation, error) {
	found, _, err := AtWork(ctx, c, 0)
	return found, err
}

// Touched is Invariants, of the warehouse only those that a change of the given tables may break: a
// statement that reads none of them finds what it found before the change.
func Touched(ctx context.Context, c *Clients, tables ...string) ([]Violation, error) {
	found, _, err := check(ctx, c, 0, func(s sql.Statement) bool {
		return slices.ContainsFunc(tables, func(table string) bool { return slices.Contains(s.Reads, table) })
	})
	return found, err
}

// AtWork is Invariants for a pipeline that files flow through. Every statement sees one
// state of the warehouse, which only whole transactions change, so that files on their
// way make no difference to it. The bucket has no such state: a file that waits in
// landing/ or staging/, or whose object is not yet where the ledger wants it, is counted
// as on its way for as long as grace, and a violation afterwards.
func AtWork(ctx context.Context, c *Clients, grace time.Duration) (violations []Violation, onTheWay int, err error) {
	return check(ctx, c, grace, func(sql.Statement) bool { return true })
}

func check(ctx context.Context, c *Clients, grace time.Duration, needed func(sql.Statement) bool) (violations []Violation, onTheWay int, err error) {
	statements, err := sql.Group("verify")
	if err != nil {
		return nil, 0, err
	}
	statements = slices.DeleteFunc(slices.Clone(statements), func(s sql.Statement) bool { return !needed(s) })
	var found findings
	details := make([][]string, len(statements))
	var (
		mu       sync.Mutex
		answered int
	)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atATime)
	for i, s := range statements {
		g.Go(func() error {
			err := c.eachRow(gctx, s.Name, func(row []bigquery.Value) error {
				details[i] = append(details[i], fmt.Sprint(row[0]))
				return nil
			})
			if err != nil {
				return fmt.Errorf("check %s: %w", strings.TrimPrefix(s.Name, "verify/"), err)
			}
			mu.Lock()
			defer mu.Unlock()
			if answered++; c.Progress != nil {
				c.Progress(answered, len(statements))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, 0, err
	}
	for i, s := range statements {
		found.begin(strings.TrimPrefix(s.Name, "verify/"))
		slices.Sort(details[i])
		for _, detail := range details[i] {
			found.add("%s", detail)
		}
	}
	if err := c.catalog(ctx, &found); err != nil {
		return nil, 0, err
	}
	onTheWay, err = c.objects(ctx, &found, grace)
	if err != nil {
		return nil, 0, err
	}
	found.end()
	return found.list, onTheWay, nil
}

// catalog checks that every rule that stands in the warehouse is one that the
// catalog explains, with its severity.
func (c *Clients) catalog(ctx context.Context, found *findings) error {
	found.begin("rules_in_catalog")
	err := c.eachRow(ctx, "check/rules", func(row []bigquery.Value) error {
		id, _ := row[0].(string)
		severity, stated := row[1].(string)
		switch rule, known := rules.Lookup(rules.ID(id)); {
		case !known:
			found.add("%q", id)
		case stated && severity != string(rule.Severity):
			found.add("a finding of %s has the severity %s, the rule %s", id, severity, rule.Severity)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the rules: %w", err)
	}
	return nil
}
