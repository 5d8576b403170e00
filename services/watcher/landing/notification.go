package landing

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// deliveries is how often a notification is given back to Pub/Sub whose object cannot be
// claimed, which takes some four minutes. One more often delivered would end as a dead letter.
const deliveries = 10

// notifications claims the files that Cloud Storage says have landed. The
// attributes are Storage's own (cloud.google.com/storage/docs/pubsub-notifications).
type notifications struct{ *Service }

// Handle implements messaging.Handler for landing-notifications.
func (s notifications) Handle(ctx context.Context, m *pubsub.Message) error {
	name := m.Attributes["objectId"]
	switch {
	case m.Attributes["eventType"] != "OBJECT_FINALIZE", m.Attributes["bucketId"] != s.config.Bucket:
		return nil
	case !strings.HasPrefix(name, topology.Landing), topology.IsFolder(name), s.config.IsIgnored(name):
		return nil
	}
	generation, err := strconv.ParseInt(m.Attributes["objectGeneration"], 10, 64)
	if err != nil {
		return messaging.Permanent(fmt.Errorf("objectGeneration of %q: %w", name, err))
	}
	// The sweep finds in landing/ what no notification speaks of any more; until then an
	// object that cannot be claimed must not keep a place from others.
	working, cancel := context.WithTimeout(ctx, s.config.SweepTimeout)
	defer cancel()
	err = s.claim(working, name, generation)
	switch {
	case err == nil, messaging.IsPermanent(err):
		return err
	case messaging.DeliveryAttempt(m) < deliveries:
		return messaging.Later(err)
	}
	s.log.ErrorContext(ctx, "file left to the sweep", "name", name, "error", err)
	return nil
}
