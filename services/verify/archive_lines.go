package verify

import (
	"context"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"strings"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// prints are the number of a file's order lines and two sums of a hash of their columns, each
// of 32 bits: what differs in a column differs in a sum, but for one in 2^64.
type prints struct{ lines, first, second int64 }

const separator = "\x1f"

// add counts a record's lines. The hash is that of check/file_prints.
func (p *prints) add(record reference.Record) {
	var text []byte
	for _, line := range record.Lines {
		text = text[:0]
		for i, column := range line {
			if i > 0 {
				text = append(text, separator...)
			}
			text = append(text, column...)
		}
		sum := md5.Sum(text)
		p.lines++
		p.first += int64(binary.BigEndian.Uint32(sum[:4]))
		p.second += int64(binary.BigEndian.Uint32(sum[4:8]))
	}
}

// filePrints are those of the facts and the history, by file.
func (c *Clients) filePrints(ctx context.Context) (map[string]prints, error) {
	all := make(map[string]prints)
	err := c.eachRow(ctx, "check/file_prints", func(row []bigquery.Value) error {
		var id string
		var p prints
		if err := scan(row, &id, &p.lines, &p.first, &p.second); err != nil {
			return err
		}
		all[id] = p
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("hash the facts: %w", err)
	}
	return all, nil
}

// place of a line: its record and number, as the columns have them.
type lineKey struct{ record, line string }

// differences names what differs between a file's records and the lines that the facts and the
// history have of it.
func (r *recomputation) differences(ctx context.Context, file reference.File, k *keptFile) ([]Violation, error) {
	var found findings
	found.begin("archive_orders")
	stored := make(map[lineKey][]string)
	err := r.eachRowOf(ctx, "check/file_lines", warehouse.Params{"file_id": k.ID}, func(row []bigquery.Value) error {
		text, _ := row[0].(string)
		line := strings.Split(text, separator)
		if len(line) != len(reference.Columns) && len(line) != reference.OwnColumns {
			found.add("%s: a line has %d columns: %q", k.Name, len(line), line)
			return nil
		}
		key := lineKey{line[1], line[2]}
		if _, twice := stored[key]; twice {
			found.add("order %s line %s, record %s of %s: stored twice", line[0], line[2], line[1], k.Name)
		}
		stored[key] = line
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the lines of %s: %w", k.Name, err)
	}
	leftOut := k.unseen()
	_, err = reference.ReadOrders(file, r.archive.Policy, func(record reference.Record) {
		for _, want := range record.Lines {
			key := lineKey{want[1], want[2]}
			line, stands := stored[key]
			delete(stored, key)
			where := fmt.Sprintf("order %s line %s, record %s of %s", want[0], want[2], want[1], k.Name)
			switch isWanted := k.verdict == "loaded" && !leftOut.has(record.Index); {
			case stands && !isWanted:
				found.add("%s: stored, although the ledger leaves the record out", where)
			case !stands && isWanted:
				found.add("%s: missing in facts and history", where)
			case stands:
				for i := range min(len(line), len(want)) {
					if line[i] != want[i] {
						found.add("%s: %s is %s, the file has %s", where, reference.Columns[i], shown(line[i]), shown(want[i]))
					}
				}
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read %s again: %w", k.object, err)
	}
	for key, line := range stored {
		found.add("order %s line %s, record %s of %s: the file has no such line", line[0], key.line, key.record, k.Name)
	}
	return found.sorted(), nil
}

func shown(column string) string {
	if column == reference.Null {
		return "NULL"
	}
	return column
}
