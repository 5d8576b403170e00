package landing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
)

// alone is a watcher's world: the cloud, and nobody else. The test is the parser and the
// aggregator.
type alone struct {
	*harness.Pipeline
	client *pubsub.Client
	faults string
}

func newAlone(t *testing.T) *alone {
	t.Helper()
	s, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), "none"))
	a := &alone{Pipeline: harness.Connect(t, s.Endpoints(), ""), faults: s.FaultsURL()}
	var err error
	if a.client, err = a.Endpoints.NewPubSub(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.client.Close() })
	return a
}

func (a *alone) subscription(topic, service string) string {
	return fmt.Sprintf("projects/%s/subscriptions/%s", a.Endpoints.ProjectID, topology.Subscription(topic, service))
}

// forget has a subscription deliver nothing of what was published until now.
func (a *alone) forget(t *testing.T, topic, service string) {
	t.Helper()
	if _, err := a.client.SubscriptionAdminClient.Seek(t.Context(), &pubsubpb.SeekRequest{
		Subscription: a.subscription(topic, service), Target: &pubsubpb.SeekRequest_Time{Time: timestamppb.New(time.Now().Add(time.Hour))},
	}); err != nil {
		t.Fatal(err)
	}
}

// pull waits for one message of a topic, as a service would, and acknowledges it.
func (a *alone) pull(t *testing.T, topic, service string, into proto.Message) {
	t.Helper()
	harness.Await(t, "a message of "+topic, func() (bool, error) {
		answer, err := a.client.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: a.subscription(topic, service), MaxMessages: 1})
		if err != nil || len(answer.GetReceivedMessages()) == 0 {
			return false, err
		}
		m := answer.GetReceivedMessages()[0]
		if err := proto.Unmarshal(m.GetMessage().GetData(), into); err != nil {
			t.Fatal(err)
		}
		return true, a.client.SubscriptionAdminClient.Acknowledge(t.Context(), &pubsubpb.AcknowledgeRequest{
			Subscription: a.subscription(topic, service), AckIds: []string{m.GetAckId()},
		})
	})
}

// complete says that files have their verdict.
func (a *alone) complete(t *testing.T, all ...*pipelinev1.FileCompleted) {
	t.Helper()
	publisher := messaging.NewPublisher(a.client, topology.TopicFilesCompleted)
	defer publisher.Stop()
	for _, done := range all {
		if err := publisher.PublishSync(t.Context(), done, map[string]string{topology.AttrFileID: done.GetFile().GetFileId()}); err != nil {
			t.Fatal(err)
		}
	}
}

// objects are the names under a prefix.
func (a *alone) objects(t *testing.T, prefix string) (names []string) {
	t.Helper()
	for all := a.Bucket().Objects(t.Context(), &storage.Query{Prefix: prefix}); ; {
		object, err := all.Next()
		if errors.Is(err, iterator.Done) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, object.Name)
	}
}

func (a *alone) awaitObjects(t *testing.T, prefix string, want int) {
	t.Helper()
	harness.Await(t, fmt.Sprintf("%d objects in %s", want, prefix), func() (bool, error) {
		return len(a.objects(t, prefix)) == want, nil
	})
}

func loaded(file *pipelinev1.LandedFile, revision int64) *pipelinev1.FileCompleted {
	return &pipelinev1.FileCompleted{File: file, Verdict: pipelinev1.Verdict_VERDICT_LOADED, ParseId: "p", Revision: revision}
}

// notices keeps what a watcher logs above INFO.
type notices struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notices) Write(line []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(line)
}

// count is how many notices have a message.
func (n *notices) count(message string) (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for line := range strings.Lines(n.text.String()) {
		var notice struct {
			Message string `json:"msg"`
		}
		if json.Unmarshal([]byte(line), &notice) == nil && notice.Message == message {
			count++
		}
	}
	return count
}

func (n *notices) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(n, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// TestWatcherWithoutNotification: a file that no notification tells of is found by the
// sweep, once its grace is over, and announced once.
func TestWatcherWithoutNotification(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	a.Land(t, "orders/a.json", []byte("{}\n"))
	a.forget(t, topology.TopicLandingNotifications, topology.Watcher)
	var c harness.Clock
	harness.StartWatcher(t, a.Pipeline, &c)
	c.Forward(2 * time.Minute)
	a.Announced(t, 1)
	var landed pipelinev1.FileLanded
	a.pull(t, topology.TopicFilesLanded, topology.Parser, &landed)
	if landed.GetFile().GetLandingName() != "landing/orders/a.json" || landed.GetAnnouncement() != 1 {
		t.Errorf("announced: %v", &landed)
	}
	a.awaitObjects(t, topology.Landing, 0)
}

// TestWatcherAnnouncesAgain: a claim whose watcher died before it announced it, one whose
// announcement was not noted, and one whose announcement nobody heeds are all announced.
func TestWatcherAnnouncesAgain(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	generation := a.Land(t, "orders/a.json", []byte("{}\n"))
	a.forget(t, topology.TopicLandingNotifications, topology.Watcher)
	// What a watcher leaves that is killed between its copy and its delete.
	source := a.Bucket().Object("landing/orders/a.json").Generation(generation)
	attrs, err := source.Attrs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var c harness.Clock
	harness.FaultsCall(t, http.MethodPut, a.faults, "storage.objects.delete fail unavailable first 3", "storage.objects.patch fail permission_denied first 2")
	stop := harness.StartWatcher(t, a.Pipeline, &c, func(c *landing.Config) { c.SweepGrace = 0 })
	a.Announced(t, 1)
	for range 2 { // what was announced and could not be noted, is announced once more
		var landed pipelinev1.FileLanded
		a.pull(t, topology.TopicFilesLanded, topology.Parser, &landed)
		if landed.GetFile().GetLandingGeneration() != attrs.Generation || landed.GetAnnouncement() != 1 {
			t.Errorf("announced: %v", &landed)
		}
	}
	c.Forward(2 * time.Hour)
	a.Announced(t, 2)
	stop()

	// One that was killed before it announced anything.
	a.Land(t, "orders/b.json", []byte("{}\n"))
	a.forget(t, topology.TopicLandingNotifications, topology.Watcher)
	harness.FaultsCall(t, http.MethodPut, a.faults, "pubsub.Publish fail permission_denied")
	stop = harness.StartWatcher(t, a.Pipeline, &c, func(c *landing.Config) { c.SweepGrace = 0 })
	a.awaitObjects(t, topology.Staging, 2)
	a.awaitObjects(t, topology.Landing, 0)
	stop()
	harness.FaultsCall(t, http.MethodDelete, a.faults)
	harness.StartWatcher(t, a.Pipeline, &c)
	c.Forward(2 * time.Minute)
	harness.Await(t, "the second file announced", func() (bool, error) {
		for _, name := range a.objects(t, topology.Staging) {
			object, err := a.Bucket().Object(name).Attrs(t.Context())
			if err != nil {
				return false, err
			}
			if found, err := claim.Read(object); err != nil || found.Announcements == 0 {
				return false, err
			}
		}
		return true, nil
	})
}

// TestWatcherPutsAwayOnce: a file whose verdict is told twice, or by an earlier revision, or
// to a watcher that died between its copy and its delete, is in its place once.
func TestWatcherPutsAwayOnce(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	a.DeliverSoon(t, topology.TopicFilesCompleted, topology.Watcher)
	var c harness.Clock
	harness.FaultsCall(t, http.MethodPut, a.faults, "storage.objects.delete fail permission_denied on staging first 2", "pubsub.messages.files-completed.watcher twice")
	stop := harness.StartWatcher(t, a.Pipeline, &c)
	a.Land(t, "orders/a.json", []byte("{}\n"))
	a.Announced(t, 1)
	var landed pipelinev1.FileLanded
	a.pull(t, topology.TopicFilesLanded, topology.Parser, &landed)
	file := landed.GetFile()
	a.complete(t, loaded(file, 1), loaded(file, 1))
	a.awaitObjects(t, topology.Staging, 0)
	archived := topology.ArchiveName(file.GetLandedAt().AsTime(), file.GetKind(), file.GetFileId(), file.GetLandingName())
	if got := a.objects(t, topology.Archive); !slices.Equal(got, []string{archived}) {
		t.Errorf("in the archive: %v, want %s", got, archived)
	}
	stop()

	// It is brought back as the second revision; what was said of the first one is old.
	kept, err := a.Bucket().Object(archived).Attrs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	copier := a.Bucket().Object(file.GetStagingName()).CopierFrom(a.Bucket().Object(archived))
	copier.Metadata = claim.AgainMetadata(kept, 2, nil, time.Now())
	if _, err := copier.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	harness.StartWatcher(t, a.Pipeline, &c, func(c *landing.Config) { c.SweepGrace = 0 })
	a.complete(t, loaded(file, 1))
	a.Announced(t, 1)
	again := loaded(file, 2)
	again.Verdict, again.Reason = pipelinev1.Verdict_VERDICT_QUARANTINED, "mostly_refused"
	a.complete(t, again, loaded(file, 1), again)
	a.awaitObjects(t, topology.Staging, 0)
	if archive, quarantine := a.objects(t, topology.Archive), a.objects(t, topology.Quarantine); len(archive) != 0 || len(quarantine) != 1 {
		t.Errorf("archive: %v, quarantine: %v, want only the second revision in quarantine", archive, quarantine)
	}
}

// TestWatcherGivesUpOnce: a file that parsers begin to read and never finish is reported
// as failed once, not at every sweep.
func TestWatcherGivesUpOnce(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	var c harness.Clock
	var n notices
	harness.StartWatcherLogging(t, a.Pipeline, &c, n.logger())
	a.Land(t, "orders/a.json", []byte("{}\n"))
	for reading := 1; reading <= 2; reading++ {
		a.Announced(t, reading)
		object, err := a.Bucket().Object(a.objects(t, topology.Staging)[0]).Attrs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found, err := claim.Read(object)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Bucket().Object(object.Name).Update(t.Context(), storage.ObjectAttrsToUpdate{Metadata: found.Begin(reading, time.Now())}); err != nil {
			t.Fatal(err)
		}
		c.Forward(30 * 24 * time.Hour)
	}
	var manifest pipelinev1.FileManifest
	a.pull(t, topology.TopicFilesParsed, topology.Aggregator, &manifest)
	if manifest.GetVerdict() != pipelinev1.Verdict_VERDICT_QUARANTINED || manifest.GetReason() != "parser_failed" || manifest.GetRecords() != 0 {
		t.Errorf("manifest: %v", &manifest)
	}
	a.Announced(t, 3) // counted, so that the next sweeps leave it alone
	if got := n.count("file given up"); got != 1 {
		t.Errorf("given up %d times", got)
	}
}

// TestOrphanInStaging: an object in staging/ that nobody has claimed is told of once, and
// keeps nobody from anything; once it is gone it is forgotten, and another is news.
func TestOrphanInStaging(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	orphans := map[string]map[string]string{
		"staging/orders/made-by-hand/a.json":      nil,
		"staging/report.csv":                      nil,
		"staging/orders/broken/a.json":            {"landing_name": "landing/orders/a.json", "landing_generation": "none", "landed_at": "2026-11-01T00:00:00Z"},
		"staging/orders/of-no-revision/a.json":    {"landing_generation": "1", "revision": "x"},
		"staging/orders/with-odd-numbers/a.json":  {"landing_generation": "1", "landing_name": "landing/orders/a.json", "landed_at": "2026-11-01T00:00:00Z", "claimed_at": "yesterday"},
		"staging/orders/of-unknown-time/a.json":   {"landing_generation": "1", "landing_name": "landing/orders/a.json", "landed_at": "noon"},
		"staging/orders/announced-somehow/a.json": {"landing_generation": "1", "landed_at": "2026-11-01T00:00:00Z", "claimed_at": "2026-11-01T00:00:00Z", "announcements": "many"},
	}
	put := func(name string, metadata map[string]string) {
		t.Helper()
		w := a.Bucket().Object(name).NewWriter(t.Context())
		w.Metadata = metadata
		if _, err := w.Write([]byte("{}\n")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, metadata := range orphans {
		put(name, metadata)
	}
	var c harness.Clock
	var n notices
	harness.StartWatcherLogging(t, a.Pipeline, &c, n.logger())
	const message = "object in staging is no claimed file and is left alone"
	told := func(times int) {
		t.Helper()
		harness.Await(t, fmt.Sprintf("told of %d orphans", times), func() (bool, error) { return n.count(message) == times, nil })
	}
	told(len(orphans))
	// A file that lands later and is not told of is claimed by a later sweep.
	sweep := func(name string) {
		t.Helper()
		a.Land(t, name, []byte("{}\n"))
		a.forget(t, topology.TopicLandingNotifications, topology.Watcher)
		c.Forward(2 * time.Minute)
		a.awaitObjects(t, topology.Landing, 0)
	}
	for i := range 3 {
		sweep(fmt.Sprintf("orders/%d.json", i))
	}
	if got := n.count(message); got != len(orphans) {
		t.Errorf("told of %d orphans after more sweeps, want %d", got, len(orphans))
	}
	if n.count("sweep failed") > 0 || n.count("sweep of a file failed") > 0 {
		t.Error("a sweep failed for an orphan")
	}
	if got := len(a.objects(t, topology.Staging)); got != len(orphans)+3 {
		t.Errorf("%d objects in staging/, want the orphans and three files", got)
	}
	c.Forward(25 * time.Hour)
	told(2 * len(orphans))
	const other = "staging/report.csv"
	if err := a.Bucket().Object(other).Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(other, nil)
	told(2*len(orphans) + 1)
}
