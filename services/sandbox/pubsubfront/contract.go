package pubsubfront

import (
	"fmt"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// Attributes that a message gains on a topic with a schema
// (https://cloud.google.com/pubsub/docs/subscribe-to-a-schema).
const (
	attrSchemaEncoding = "googclient_schemaencoding"
	attrSchemaName     = "googclient_schemaname"
	attrSchemaRevision = "googclient_schemarevisionid"
)

// contract is what a topic's schema settings ask of a message: that it keeps to
// one of the revisions in their range. The newest is tried first.
type contract struct {
	schema string
	terms  []term
}

type term struct {
	id    string
	check func([]byte) error
	// attributes are those that a message gains, in the encoding of a message.
	attributes []byte
}

// contractOf reads a topic's schema settings. Callers hold mu or admin.
func (s *Server) contractOf(config *pubsubpb.Topic) (*contract, error) {
	settings := config.GetSchemaSettings()
	if settings == nil {
		return nil, nil
	}
	c := &contract{schema: settings.Schema}
	if settings.Schema == deletedSchema {
		return c, nil
	}
	revisions := s.schemas[settings.Schema]
	if revisions == nil {
		return nil, missing(settings.Schema, "schemas")
	}
	newest, oldest := 0, len(revisions)-1
	for _, end := range []struct {
		id string
		at *int
	}{{settings.LastRevisionId, &newest}, {settings.FirstRevisionId, &oldest}} {
		if end.id == "" {
			continue
		}
		if *end.at = indexOfRevision(revisions, end.id); *end.at < 0 {
			return nil, errNotFound(settings.Schema + "@" + end.id)
		}
	}
	if newest > oldest {
		return nil, errInvalid("The first revision must not be newer than the last.")
	}
	for _, r := range revisions[newest : oldest+1] {
		check, err := checkerOf(r.compiled, settings.Encoding)
		if err != nil {
			return nil, errInvalid("Invalid schema settings: %v.", err)
		}
		c.terms = append(c.terms, term{id: r.resource.RevisionId, check: check, attributes: appendAttributes(nil, map[string]string{
			attrSchemaEncoding: settings.Encoding.String(), attrSchemaName: settings.Schema, attrSchemaRevision: r.resource.RevisionId,
		})})
	}
	return c, nil
}

// appendAttributes encodes entries of a message's attributes, in any order.
func appendAttributes(b []byte, attributes map[string]string) []byte {
	for key, value := range attributes {
		var entry []byte
		entry = protowire.AppendTag(entry, 1, protowire.BytesType)
		entry = protowire.AppendString(entry, key)
		entry = protowire.AppendTag(entry, 2, protowire.BytesType)
		entry = protowire.AppendString(entry, value)
		b = protowire.AppendTag(b, fieldAttributes, protowire.BytesType)
		b = protowire.AppendBytes(b, entry)
	}
	return b
}

// renewContracts follows a change of a schema's revisions. A range whose end is
// gone refuses everything, as a schema that is gone does. Callers hold mu.
func (s *Server) renewContracts(name string) {
	for _, t := range s.topics {
		if t.config.GetSchemaSettings().GetSchema() != name {
			continue
		}
		c, err := s.contractOf(t.config)
		if err != nil {
			c = &contract{schema: name}
		}
		t.contract = c
	}
}

// admit holds clean messages to the contract and gives them their attributes. One
// that fails refuses the request as a whole.
func (c *contract) admit(msgs [][]byte) error {
	room := 0
	for _, msg := range msgs {
		room += len(msg) + maxSchemaAttributes
	}
	arena := make([]byte, 0, room)
	for i, msg := range msgs {
		t, err := c.termFor(dataOf(msg))
		if err != nil {
			return err
		}
		start := len(arena)
		arena = append(append(arena, msg...), t.attributes...)
		msgs[i] = arena[start:len(arena):len(arena)]
	}
	return nil
}

// maxSchemaAttributes is more than the attributes of usual names take; longer ones
// make the arena grow.
const maxSchemaAttributes = 256

func (c *contract) termFor(data []byte) (*term, error) {
	detail := "the schema has been deleted"
	for i := range c.terms {
		t := &c.terms[i]
		err := t.check(data)
		if err == nil {
			return t, nil
		}
		detail = fmt.Sprintf("last checked revision: revision_id=%s failed with status: %v", t.id, err)
	}
	const message = "Message failed schema validation"
	st, err := status.New(codes.InvalidArgument, "Invalid data in message: "+message+".").WithDetails(&errdetails.ErrorInfo{
		Reason: "INVALID_PROTO_MESSAGE", Domain: "pubsub.googleapis.com",
		Metadata: map[string]string{"message": message, "revisionInfo": "Could not validate message with any schema revision for schema: " + c.schema + ", " + detail},
	})
	if err != nil {
		return nil, errInvalid("Invalid data in message: %s.", message)
	}
	return nil, st.Err()
}

// dataOf is the data of a checked message: the last, if it stands there twice.
func dataOf(msg []byte) (data []byte) {
	for len(msg) > 0 {
		num, typ, n := protowire.ConsumeTag(msg)
		m := protowire.ConsumeFieldValue(num, typ, msg[n:])
		if num == fieldData {
			data, _ = protowire.ConsumeBytes(msg[n:])
		}
		msg = msg[n+m:]
	}
	return data
}
