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

// notifications claims the files that Cloud Storage says have landed. The
// attributes are Storage's own (cloud.google.com/storage/docs/pubsub-notifications).
type notifications struct{ *Service }

// Handle implements messaging.Handler for landing-notifications.
func (s notifications) Handle(ctx context.Context, m *pubsub.Message) error {
	name := m.Attributes["objectId"]
	switch {
	case m.Attributes["eventType"] != "OBJECT_FINALIZE", m.Attributes["bucketId"] != s.config.Bucket:
		return nil
	case !strings.HasPrefix(name, topology.Landing), topology.IsFolder(name):
		return nil
	}
	generation, err := strconv.ParseInt(m.Attributes["objectGeneration"], 10, 64)
	if err != nil {
		return messaging.Permanent(fmt.Errorf("objectGeneration of %q: %w", name, err))
	}
	return s.claim(ctx, name, generation)
}
