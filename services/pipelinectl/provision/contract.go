package provision

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// contracts are the topics that other teams read, and the message that each
// promises them. Pub/Sub holds publishers to it, and consumers can ask it for the
// definition. The schema has the name of its topic.
var contracts = map[string]protoreflect.MessageDescriptor{
	topology.TopicOrdersValidated: (*ordersv1.Order)(nil).ProtoReflect().Descriptor(),
	topology.TopicFilesCompleted:  (*pipelinev1.FileCompleted)(nil).ProtoReflect().Descriptor(),
}

// maxRevisions is how many Pub/Sub keeps of a schema.
const maxRevisions = 20

func (p *provisioner) schemaName(id string) string {
	return "projects/" + p.cfg.ProjectID + "/schemas/" + id
}

// schemaSettings are those of a topic, nil for one without a contract. The range of
// revisions is open at both ends: while a release is rolled out, the messages of
// old and new publishers are valid.
func (p *provisioner) schemaSettings(topic string) *pubsubpb.SchemaSettings {
	if _, ok := contracts[topic]; !ok {
		return nil
	}
	return &pubsubpb.SchemaSettings{Schema: p.schemaName(topic), Encoding: pubsubpb.Encoding_BINARY}
}

func settingsText(s *pubsubpb.SchemaSettings) string {
	if s == nil {
		return ""
	}
	text := s.Schema + ", " + strings.ToLower(s.Encoding.String())
	if s.FirstRevisionId != "" {
		text += ", from revision " + s.FirstRevisionId
	}
	if s.LastRevisionId != "" {
		text += ", to revision " + s.LastRevisionId
	}
	return text
}

// schema creates a schema, or commits the message as a revision if none of the
// schema's is it. An older release finds its own among them and changes nothing.
func (p *provisioner) schema(ctx context.Context, id string, message protoreflect.MessageDescriptor) (Outcome, []Change, error) {
	text, err := definition(message)
	if err != nil {
		return "", nil, err
	}
	want := &pubsubpb.Schema{Type: pubsubpb.Schema_PROTOCOL_BUFFER, Definition: text}
	revisions, err := p.revisions(ctx, id)
	if status.Code(err) == codes.NotFound {
		changes := []Change{{Setting: "definition", To: "of " + string(message.FullName())}}
		if p.opts.DryRun {
			return Created, changes, nil
		}
		_, err := p.schemas.CreateSchema(ctx, &pubsubpb.CreateSchemaRequest{Parent: "projects/" + p.cfg.ProjectID, SchemaId: id, Schema: want})
		if status.Code(err) != codes.AlreadyExists {
			return Created, changes, err
		}
		revisions, err = p.revisions(ctx, id) // another run came first
		if err != nil {
			return "", nil, err
		}
	} else if err != nil {
		return "", nil, err
	}
	for _, r := range revisions {
		if r.Type != want.Type {
			return "", nil, &ConflictError{Reason: "it is of type " + r.Type.String()}
		}
		if r.Definition == text {
			return Unchanged, nil, nil
		}
	}
	changes := lineChanges("definition", revisions[0].Definition, text)
	var oldest *pubsubpb.Schema
	if len(revisions) >= maxRevisions {
		oldest = revisions[len(revisions)-1]
		changes = compare(changes, "oldest revision", oldest.RevisionId, "")
	}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	return Updated, changes, p.commit(ctx, id, want, oldest)
}

// commit adds a revision; before, it deletes one that there is no room for. What was
// published under that stays as it is.
func (p *provisioner) commit(ctx context.Context, id string, want, oldest *pubsubpb.Schema) error {
	if oldest != nil {
		name := p.schemaName(id) + "@" + oldest.RevisionId
		if _, err := p.schemas.DeleteSchemaRevision(ctx, &pubsubpb.DeleteSchemaRevisionRequest{Name: name}); err != nil {
			return fmt.Errorf("delete the oldest of %d revisions: %w", maxRevisions, err)
		}
	}
	_, err := p.schemas.CommitSchema(ctx, &pubsubpb.CommitSchemaRequest{Name: p.schemaName(id), Schema: want})
	if status.Code(err) == codes.InvalidArgument {
		return &ConflictError{Reason: "Pub/Sub refuses the revision: " + status.Convert(err).Message()}
	}
	return err
}

// revisions of a schema, newest first, with their definitions.
func (p *provisioner) revisions(ctx context.Context, id string) ([]*pubsubpb.Schema, error) {
	it := p.schemas.ListSchemaRevisions(ctx, &pubsubpb.ListSchemaRevisionsRequest{Name: p.schemaName(id), View: pubsubpb.SchemaView_FULL})
	var list []*pubsubpb.Schema
	for {
		r, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
}
