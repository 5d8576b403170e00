package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// Discard notes that nothing is to be done about the selected dead letters, and why. It
// tells each of those that it discards; what is settled already is left as it is. With
// dryRun nothing is noted. The dead letters stay in the table.
func Discard(ctx context.Context, cfg cloud.Config, s Selection, reason string, dryRun bool, now func() time.Time, each func(DeadLetter)) (discarded int, err error) {
	if _, err := topicOf(s.Subscription); err != nil {
		return 0, err
	}
	desk, err := open(ctx, cfg)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, desk.close()) }()
	var ids []string
	for letter, err := range desk.find(ctx, s) {
		if err != nil {
			return 0, fmt.Errorf("read the dead letters of %s: %w", s.Subscription, err)
		}
		switch letter.Fate {
		case DiedAgain, Discarded, Resolved:
			continue
		}
		each(letter)
		ids = append(ids, letter.ID)
	}
	if dryRun {
		return len(ids), nil
	}
	return len(ids), desk.note(ctx, s.Subscription, ids, Discarded, bigquery.NullString{StringVal: reason, Valid: true}, now())
}
