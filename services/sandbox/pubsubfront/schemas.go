package pubsubfront

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/schema"
)

const (
	schemaSubject = "registry.schema."
	// deletedSchema is what Pub/Sub shows as the schema of a topic that outlived it.
	deletedSchema = "_deleted-schema_"
	maxRevisions  = 20
)

// revision is one definition of a schema.
type revision struct {
	resource *pubsubpb.Schema // never changed
	compiled *schema.Schema
}

// schemaService serves google.pubsub.v1.SchemaService for protobuf schemas.
type schemaService struct {
	pubsubpb.UnimplementedSchemaServiceServer
	server *Server
}

// compile checks a schema as a client sent it.
func compile(ctx context.Context, s *pubsubpb.Schema) (*schema.Schema, error) {
	if s.GetType() != pubsubpb.Schema_PROTOCOL_BUFFER {
		return nil, errUnimplemented("schemas of type " + s.GetType().String())
	}
	compiled, err := schema.Compile(ctx, s.GetDefinition())
	if err != nil {
		return nil, errInvalid("Invalid schema: %v.", err)
	}
	return compiled, nil
}

// CreateSchema implements pubsubpb.SchemaServiceServer.
func (r *schemaService) CreateSchema(ctx context.Context, req *pubsubpb.CreateSchemaRequest) (*pubsubpb.Schema, error) {
	s, name := r.server, req.Parent+"/schemas/"+req.SchemaId
	if err := checkName(name, "schemas"); err != nil {
		return nil, err
	}
	compiled, err := compile(ctx, req.Schema)
	if err != nil {
		return nil, err
	}
	s.admin.Lock()
	defer s.admin.Unlock()
	if s.revisions(name) != nil {
		return nil, errExists(name)
	}
	return s.addRevision(ctx, name, nil, req.Schema, compiled)
}

// CommitSchema implements pubsubpb.SchemaServiceServer.
func (r *schemaService) CommitSchema(ctx context.Context, req *pubsubpb.CommitSchemaRequest) (*pubsubpb.Schema, error) {
	s := r.server
	compiled, err := compile(ctx, req.Schema)
	if err != nil {
		return nil, err
	}
	s.admin.Lock()
	defer s.admin.Unlock()
	have := s.revisions(req.Name)
	switch {
	case have == nil:
		return nil, missing(req.Name, "schemas")
	case len(have) == maxRevisions:
		return nil, errInvalid("The schema has %d revisions, which is the maximum. Delete one first.", maxRevisions)
	}
	if err := compiled.Follows(have[0].compiled); err != nil {
		return nil, errInvalid("Incompatible schema revision: %v.", err)
	}
	return s.addRevision(ctx, req.Name, have, req.Schema, compiled)
}

// addRevision stores a revision as the newest of a schema. Callers hold admin.
func (s *Server) addRevision(ctx context.Context, name string, have []revision, from *pubsubpb.Schema, compiled *schema.Schema) (*pubsubpb.Schema, error) {
	id := newKey()[:8]
	for slices.ContainsFunc(have, func(r revision) bool { return r.resource.RevisionId == id }) {
		id = newKey()[:8]
	}
	added := revision{compiled: compiled, resource: &pubsubpb.Schema{
		Name: name, Type: from.Type, Definition: from.Definition, RevisionId: id, RevisionCreateTime: timestamppb.Now(),
	}}
	if err := s.storeSchema(ctx, name, append([]revision{added}, have...)); err != nil {
		return nil, err
	}
	return added.resource, nil
}

// storeSchema replaces a schema's revisions, newest first. Callers hold admin.
func (s *Server) storeSchema(ctx context.Context, name string, revisions []revision) error {
	record := &pubsubpb.ListSchemaRevisionsResponse{}
	for _, r := range revisions {
		record.Schemas = append(record.Schemas, r.resource)
	}
	b, err := proto.Marshal(record)
	if err == nil {
		err = s.registry.Put(ctx, recordName(schemaSubject, name), b)
	}
	if err != nil {
		return s.internal(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schemas[name] = revisions
	s.renewContracts(name)
	return nil
}

func (s *Server) restoreSchema(ctx context.Context, value []byte) error {
	record := new(pubsubpb.ListSchemaRevisionsResponse)
	if err := proto.Unmarshal(value, record); err != nil || len(record.Schemas) == 0 {
		return fmt.Errorf("%w: schema: %w", errRecord, err)
	}
	var revisions []revision
	for _, r := range record.Schemas {
		compiled, err := schema.Compile(ctx, r.Definition)
		if err != nil {
			return fmt.Errorf("%w: schema %s: %w", errRecord, r.Name, err)
		}
		revisions = append(revisions, revision{resource: r, compiled: compiled})
	}
	s.schemas[record.Schemas[0].Name] = revisions
	return nil
}

// revisions of a schema, newest first; nil if there is none of the name.
func (s *Server) revisions(name string) []revision {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.schemas[name]
}

// view is a revision as it is asked for; lists are basic unless told otherwise.
func view(s *pubsubpb.Schema, v, otherwise pubsubpb.SchemaView) *pubsubpb.Schema {
	if v == pubsubpb.SchemaView_SCHEMA_VIEW_UNSPECIFIED {
		v = otherwise
	}
	if v == pubsubpb.SchemaView_FULL {
		return s
	}
	return &pubsubpb.Schema{Name: s.Name, Type: s.Type, RevisionId: s.RevisionId, RevisionCreateTime: s.RevisionCreateTime}
}

// GetSchema implements pubsubpb.SchemaServiceServer: name is that of a schema, or
// of a revision with @ between.
func (r *schemaService) GetSchema(_ context.Context, req *pubsubpb.GetSchemaRequest) (*pubsubpb.Schema, error) {
	found, err := r.server.revision(req.Name)
	if err != nil {
		return nil, err
	}
	return view(found.resource, req.View, pubsubpb.SchemaView_FULL), nil
}

func (s *Server) revision(name string) (revision, error) {
	name, id, exact := strings.Cut(name, "@")
	revisions := s.revisions(name)
	if revisions == nil {
		return revision{}, missing(name, "schemas")
	}
	if !exact {
		return revisions[0], nil
	}
	if i := indexOfRevision(revisions, id); i >= 0 {
		return revisions[i], nil
	}
	return revision{}, errNotFound(name + "@" + id)
}

func indexOfRevision(revisions []revision, id string) int {
	return slices.IndexFunc(revisions, func(r revision) bool { return r.resource.RevisionId == id })
}

// ListSchemas implements pubsubpb.SchemaServiceServer.
func (r *schemaService) ListSchemas(_ context.Context, req *pubsubpb.ListSchemasRequest) (*pubsubpb.ListSchemasResponse, error) {
	s := r.server
	s.mu.RLock()
	defer s.mu.RUnlock()
	names, next, err := page(names(s.schemas, req.Parent), req.PageSize, req.PageToken)
	if err != nil {
		return nil, err
	}
	resp := &pubsubpb.ListSchemasResponse{NextPageToken: next}
	for _, name := range names {
		resp.Schemas = append(resp.Schemas, view(s.schemas[name][0].resource, req.View, pubsubpb.SchemaView_BASIC))
	}
	return resp, nil
}

// ListSchemaRevisions implements pubsubpb.SchemaServiceServer; there are too few
// for pages.
func (r *schemaService) ListSchemaRevisions(_ context.Context, req *pubsubpb.ListSchemaRevisionsRequest) (*pubsubpb.ListSchemaRevisionsResponse, error) {
	revisions := r.server.revisions(req.Name)
	if revisions == nil {
		return nil, missing(req.Name, "schemas")
	}
	resp := new(pubsubpb.ListSchemaRevisionsResponse)
	for _, rev := range revisions {
		resp.Schemas = append(resp.Schemas, view(rev.resource, req.View, pubsubpb.SchemaView_BASIC))
	}
	return resp, nil
}

// DeleteSchemaRevision implements pubsubpb.SchemaServiceServer.
func (r *schemaService) DeleteSchemaRevision(ctx context.Context, req *pubsubpb.DeleteSchemaRevisionRequest) (*pubsubpb.Schema, error) {
	s := r.server
	s.admin.Lock()
	defer s.admin.Unlock()
	found, err := s.revision(req.Name)
	if err != nil {
		return nil, err
	}
	name, _, exact := strings.Cut(req.Name, "@")
	revisions := slices.Clone(s.revisions(name))
	switch {
	case !exact:
		return nil, errInvalid("A revision must be named: %s@revision.", name)
	case len(revisions) == 1:
		return nil, errInvalid("The only revision of a schema cannot be deleted.")
	}
	revisions = slices.Delete(revisions, indexOfRevision(revisions, found.resource.RevisionId), indexOfRevision(revisions, found.resource.RevisionId)+1)
	if err := s.storeSchema(ctx, name, revisions); err != nil {
		return nil, err
	}
	return revisions[0].resource, nil
}

// DeleteSchema implements pubsubpb.SchemaServiceServer. Topics stay, and refuse
// every message until they are given another schema.
func (r *schemaService) DeleteSchema(ctx context.Context, req *pubsubpb.DeleteSchemaRequest) (*emptypb.Empty, error) {
	s := r.server
	s.admin.Lock()
	defer s.admin.Unlock()
	if s.revisions(req.Name) == nil {
		return nil, missing(req.Name, "schemas")
	}
	s.mu.RLock()
	var orphans []*pubsubpb.Topic
	for _, t := range s.topics {
		if t.config.GetSchemaSettings().GetSchema() == req.Name {
			orphans = append(orphans, proto.CloneOf(t.config))
		}
	}
	s.mu.RUnlock()
	for _, config := range orphans {
		config.SchemaSettings.Schema = deletedSchema
		if err := s.setTopic(ctx, config); err != nil {
			return nil, err
		}
	}
	if err := s.dropPolicy(ctx, req.Name); err != nil {
		return nil, err
	}
	if err := s.registry.Remove(ctx, recordName(schemaSubject, req.Name)); err != nil {
		return nil, s.internal(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.schemas, req.Name)
	return &emptypb.Empty{}, nil
}

// ValidateSchema implements pubsubpb.SchemaServiceServer.
func (r *schemaService) ValidateSchema(ctx context.Context, req *pubsubpb.ValidateSchemaRequest) (*pubsubpb.ValidateSchemaResponse, error) {
	if _, err := compile(ctx, req.Schema); err != nil {
		return nil, err
	}
	return &pubsubpb.ValidateSchemaResponse{}, nil
}

// ValidateMessage implements pubsubpb.SchemaServiceServer.
func (r *schemaService) ValidateMessage(ctx context.Context, req *pubsubpb.ValidateMessageRequest) (*pubsubpb.ValidateMessageResponse, error) {
	var compiled *schema.Schema
	switch spec := req.SchemaSpec.(type) {
	case *pubsubpb.ValidateMessageRequest_Name:
		found, err := r.server.revision(spec.Name)
		if err != nil {
			return nil, err
		}
		compiled = found.compiled
	case *pubsubpb.ValidateMessageRequest_Schema:
		var err error
		if compiled, err = compile(ctx, spec.Schema); err != nil {
			return nil, err
		}
	default:
		return nil, errInvalid("A schema or the name of one must be given.")
	}
	check, err := checkerOf(compiled, req.Encoding)
	if err == nil {
		err = check(req.Message)
	}
	if err != nil {
		return nil, errInvalid("Invalid data in message: Message failed schema validation: %v.", err)
	}
	return &pubsubpb.ValidateMessageResponse{}, nil
}

var errEncoding = errors.New("the encoding must be JSON or BINARY")

func checkerOf(s *schema.Schema, encoding pubsubpb.Encoding) (func([]byte) error, error) {
	switch encoding {
	case pubsubpb.Encoding_BINARY:
		return s.CheckBinary, nil
	case pubsubpb.Encoding_JSON:
		return s.CheckJSON, nil
	}
	return nil, errEncoding
}
