package pubsubfront

import (
	"fmt"
	"unicode/utf8"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// codec is gRPC's protobuf codec, with two exceptions.
//
// It does not decode the messages of a PublishRequest: they are stored and
// delivered as they came, so building Go values and maps of them would be the
// larger half of a publish's cost. The encoded messages ride in the request's
// unknown fields, from where publishedMessages takes them; an interceptor sees a
// request with a topic and no messages.
//
// It does not copy a StreamingPullResponse, which holds nothing but unknown
// fields that are encoded already (wire.go). gRPC's codec would copy it to a
// pooled buffer of a mebibyte, which the pool clears first.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

// Marshal implements encoding.CodecV2. A StreamingPullResponse's unknown fields
// must not be changed once it was handed to gRPC.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if resp, ok := v.(*pubsubpb.StreamingPullResponse); ok {
		return mem.BufferSlice{mem.SliceBuffer(resp.ProtoReflect().GetUnknown())}, nil
	}
	return c.CodecV2.Marshal(v)
}

// Unmarshal implements encoding.CodecV2.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	req, ok := v.(*pubsubpb.PublishRequest)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	// The buffers go back to gRPC's pool when Unmarshal returns.
	raw := data.Materialize()
	for b := raw; len(b) > 0; {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("publish request: %w", protowire.ParseError(n))
		}
		m := protowire.ConsumeFieldValue(num, typ, b[n:])
		if m < 0 {
			return fmt.Errorf("publish request: %w", protowire.ParseError(m))
		}
		if num == fieldRequestTopic && typ == protowire.BytesType {
			topic, _ := protowire.ConsumeBytes(b[n:])
			if !utf8.Valid(topic) {
				return fmt.Errorf("publish request: topic is not valid UTF-8")
			}
			req.Topic = string(topic)
		}
		b = b[n+m:]
	}
	req.ProtoReflect().SetUnknown(raw)
	return nil
}

// Field numbers of google.pubsub.v1.PublishRequest.
const (
	fieldRequestTopic    = 1
	fieldRequestMessages = 2
)

// publishedMessages are the encoded messages of a request that codec decoded.
// They share the request's memory.
func publishedMessages(req *pubsubpb.PublishRequest) [][]byte {
	msgs := make([][]byte, 0, 128)
	for b := []byte(req.ProtoReflect().GetUnknown()); len(b) > 0; {
		num, typ, n := protowire.ConsumeTag(b)
		m := protowire.ConsumeFieldValue(num, typ, b[n:])
		if num == fieldRequestMessages && typ == protowire.BytesType {
			msg, _ := protowire.ConsumeBytes(b[n:])
			msgs = append(msgs, msg)
		}
		b = b[n+m:]
	}
	return msgs
}
