package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"cloud.google.com/go/pubsub/v2"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// boxesAtOnce is how many dead-letter subscriptions are looked into at the same time: each look
// lasts until Pub/Sub has nothing more to give for some seconds.
const boxesAtOnce = 16

// ListLive visits the selected dead letters that wait in Pub/Sub, the oldest first, of all subscriptions if
// none is named: of the pipeline's own those that the writer has not put into the table, of a consumer's all.
func ListLive(ctx context.Context, cfg cloud.Config, s Selection, each func(DeadLetter)) (err error) {
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	var look []box
	if s.Subscription == "" {
		look, err = boxes(ctx, client, cfg)
	} else {
		var one box
		one, err = boxOf(ctx, client, cfg, s.Subscription)
		look = []box{one}
	}
	if err != nil {
		return err
	}
	var (
		mu    sync.Mutex
		found []DeadLetter
	)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(boxesAtOnce)
	for _, b := range look {
		group.Go(func() error {
			return b.sweep(ctx, client, cfg, mostAtOnce, func(l DeadLetter) (bool, error) {
				if s.meansLive(l) {
					mu.Lock()
					defer mu.Unlock()
					found = append(found, l)
				}
				return false, nil
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	slices.SortStableFunc(found, func(a, b DeadLetter) int { return a.At.Compare(b.At) })
	for _, l := range found {
		each(l)
	}
	return nil
}

// meansLive is means with what the table's statement selects by.
func (s Selection) meansLive(l DeadLetter) bool {
	day := civil.DateOf(l.At.UTC())
	return !day.Before(s.From) && !day.After(s.To) && (len(s.IDs) == 0 || slices.Contains(s.IDs, l.ID)) && s.means(l)
}

// RunLive publishes the selected dead letters that wait in Pub/Sub again, to the topic that their subscription
// reads, takes each out once it is published, and notes that. Who reads the topic besides gets them again, too, which
// is harmless as any message that comes twice. A run that is killed may publish the one that it had in hand once more.
func RunLive(ctx context.Context, cfg cloud.Config, s Selection, dryRun bool, now func() time.Time, each func(DeadLetter)) (Outcome, error) {
	outcome := Outcome{PassedOver: map[Fate]int{}}
	atOnce := mostAtOnce
	if s.PerSecond > 0 {
		// No more than the pace publishes while they are held.
		atOnce = min(mostAtOnce, max(1, int(s.PerSecond*(lease/2).Seconds())))
	}
	pace := newPace(s.PerSecond)
	defer pace.stop()
	err := settleLive(ctx, cfg, s, atOnce, now, Replayed, bigquery.NullString{}, func(publisher *pubsub.Publisher) func(DeadLetter) (bool, error) {
		return func(l DeadLetter) (bool, error) {
			each(l)
			if l.Fate == Exhausted && !s.Again {
				outcome.PassedOver[Exhausted]++
				return false, nil
			}
			if dryRun {
				return false, nil
			}
			if err := pace.wait(ctx); err != nil {
				return false, err
			}
			attributes, err := attributesOf(l)
			if err != nil {
				return false, err
			}
			_, err = publisher.Publish(ctx, &pubsub.Message{Data: l.Data, Attributes: attributes}).Get(ctx)
			if status.Code(err) == codes.InvalidArgument {
				outcome.Refused = append(outcome.Refused, Refusal{l.ID, status.Convert(err).Message()})
				return false, nil
			}
			if err != nil {
				return false, fmt.Errorf("publish dead letter %s: %w", l.ID, err)
			}
			outcome.Published++
			return true, nil
		}
	})
	return outcome, err
}

// DiscardLive notes that nothing is to be done about the selected dead letters that wait in Pub/Sub. A consumer's leave
// it, for good; the pipeline's own stay, because the writer has yet to put them into the table, where they are kept.
func DiscardLive(ctx context.Context, cfg cloud.Config, s Selection, reason string, dryRun bool, now func() time.Time, each func(DeadLetter)) (discarded int, err error) {
	err = settleLive(ctx, cfg, s, mostAtOnce, now, Discarded, bigquery.NullString{StringVal: reason, Valid: true}, func(*pubsub.Publisher) func(DeadLetter) (bool, error) {
		return func(l DeadLetter) (bool, error) {
			each(l)
			discarded++
			return !dryRun, nil
		}
	})
	return discarded, err
}

// settleLive visits the selected dead letters of one subscription and notes the fate of those that are settled.
func settleLive(ctx context.Context, cfg cloud.Config, s Selection, atOnce int, now func() time.Time, fate Fate, reason bigquery.NullString,
	settle func(*pubsub.Publisher) func(DeadLetter) (bool, error),
) (err error) {
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	b, err := boxOf(ctx, client, cfg, s.Subscription)
	if err != nil {
		return err
	}
	desk, err := open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.close()) }()
	publisher := client.Publisher(b.topic)
	publisher.PublishSettings.CountThreshold = 1 // each is confirmed before the next
	defer publisher.Stop()
	take := settle(publisher)
	var settled []string
	err = b.sweep(ctx, client, cfg, atOnce, func(l DeadLetter) (bool, error) {
		if !s.meansLive(l) {
			return false, nil
		}
		done, err := take(l)
		if done {
			settled = append(settled, l.ID)
		}
		return done && (fate == Replayed || !b.own()), err
	})
	// Also what was settled before a fault is noted.
	return errors.Join(err, desk.note(context.WithoutCancel(ctx), b.subscription, settled, fate, reason, now()))
}
