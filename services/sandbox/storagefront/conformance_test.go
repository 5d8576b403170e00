package storagefront

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	raw "google.golang.org/api/storage/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
)

// TestConformance is what Cloud Storage documents of the calls that this front
// serves, through the official client. Package conformance says how to run it
// against Cloud Storage itself. The cases stand in the other files named
// conformance_*.
func TestConformance(t *testing.T) {
	t.Parallel()
	s := newSuite(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *space)
	}{
		{"objects there and back", testRoundTrip},
		{"ranges", testRanges},
		{"generations", testGenerations},
		{"metadata", testMetadataUpdate},
		{"preconditions", testPreconditions},
		{"preconditions of buckets", testBucketPreconditions},
		{"resumable uploads that end early", testAbandonedUpload},
		{"checksums", testChecksums},
		{"copy and move", testCopyAndMove},
		{"copy across buckets", testCopyAcrossBuckets},
		{"rewrite in parts", testRewriteInParts},
		{"compose", testCompose},
		{"versions", testVersions},
		{"events of versions", testVersionEvents},
		{"soft delete", testSoftDelete},
		{"soft delete of versions", testSoftDeleteOfVersions},
		{"list", testList},
		{"buckets", testBuckets},
		{"list of buckets", testBucketList},
		{"notification configs", testNotificationConfigs},
		{"events", testEvents},
		{"event filters", testEventFilters},
		{"what is not there", testNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, &space{suite: s, prefix: conformance.Name("case") + "/"})
		})
	}
}

// suite is the clients of the target, and a bucket for all cases.
type suite struct {
	target conformance.Target
	client *storage.Client // JSON reads
	bucket *storage.BucketHandle
	xml    *storage.BucketHandle // the same bucket, with XML reads
	reader *storage.Client       // XML reads
	raw    *raw.Service
	pubsub *pubsub.Client
}

// space is the part of the bucket that is one case's own.
type space struct {
	*suite
	prefix string
}

func newSuite(t *testing.T) *suite {
	t.Helper()
	s := &suite{target: conformance.FromEnvironment(testProject)}
	var storageOptions, pubsubOptions []option.ClientOption
	if !s.target.Real {
		storageOptions, pubsubOptions = startEmbedded(t)
	}
	var err error
	if s.pubsub, err = pubsub.NewClient(t.Context(), s.target.Project, pubsubOptions...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.pubsub.Close() })
	newClient := func(more ...option.ClientOption) *storage.Client {
		client, err := storage.NewClient(t.Context(), append(more, storageOptions...)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		return client
	}
	s.client = newClient(storage.WithJSONReads())
	if s.raw, err = raw.NewService(t.Context(), storageOptions...); err != nil {
		t.Fatal(err)
	}
	s.bucket = s.newBucket(t, nil)
	s.reader = newClient()
	s.xml = s.reader.Bucket(s.bucket.BucketName())
	return s
}

// startEmbedded starts a front and a Pub/Sub for its notifications, and returns
// what points clients at them.
func startEmbedded(t *testing.T) (storageOptions, pubsubOptions []option.ClientOption) {
	t.Helper()
	messages, err := pubsubfront.Start(t.Context(), pubsubfront.Config{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server, err := Start(t.Context(), Config{Dir: t.TempDir(), Addr: "127.0.0.1:0", Notifier: messages, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(errors.Join(err, messages.Close()))
	}
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), messages.Close()); err != nil {
			t.Error(err)
		}
	})
	return []option.ClientOption{option.WithEndpoint("http://" + server.Addr() + "/storage/v1/"), option.WithoutAuthentication()},
		[]option.ClientOption{option.WithEndpoint(messages.Addr()), option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
}

// newBucket makes a bucket that is deleted, with what is in it, when the test ends.
func (s *suite) newBucket(t *testing.T, attrs *storage.BucketAttrs) *storage.BucketHandle {
	t.Helper()
	b := s.client.Bucket(conformance.Name("conformance"))
	if attrs == nil {
		attrs = &storage.BucketAttrs{}
	}
	if attrs.Location == "" {
		attrs.Location = s.target.Location
	}
	attrs.UniformBucketLevelAccess.Enabled = true
	if err := b.Create(t.Context(), s.target.Project, attrs); err != nil {
		t.Fatal(err)
	}
	s.dropBucket(t, b)
	return b
}

func (s *suite) dropBucket(t *testing.T, b *storage.BucketHandle) {
	t.Cleanup(func() {
		if err := deleteBucket(context.WithoutCancel(t.Context()), b); err != nil {
			t.Error(err)
		}
	})
}

func deleteBucket(ctx context.Context, b *storage.BucketHandle) error {
	for it := b.Objects(ctx, &storage.Query{Versions: true}); ; {
		attrs, err := it.Next()
		if errors.Is(err, storage.ErrBucketNotExist) {
			return nil // the case has deleted it
		}
		if errors.Is(err, iterator.Done) {
			return b.Delete(ctx)
		}
		if err != nil {
			return err
		}
		if err := b.Object(attrs.Name).Generation(attrs.Generation).Delete(ctx); err != nil {
			return err
		}
	}
}

func (s *space) object(name string) *storage.ObjectHandle { return s.bucket.Object(s.prefix + name) }

// query is q as asked within the space.
func (s *space) query(q storage.Query) *storage.Query {
	q.Prefix = s.prefix + q.Prefix
	if q.StartOffset != "" {
		q.StartOffset = s.prefix + q.StartOffset
	}
	if q.EndOffset != "" {
		q.EndOffset = s.prefix + q.EndOffset
	}
	return &q
}

// names lists objects and prefixes of the space, in the order they come.
func (s *space) names(t *testing.T, q storage.Query) []string {
	t.Helper()
	var list []string
	for _, name := range names(t, s.bucket, s.query(q)) {
		list = append(list, strings.TrimPrefix(name, s.prefix))
	}
	return list
}
