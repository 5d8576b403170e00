package storagefront

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"
)

// object is one version of one object. It is immutable once committed: a change
// makes a new value, so readers hold it without a lock and two pointers are
// equal only if nothing changed between them.
type object struct {
	Bucket         string    `json:"bucket"`
	Name           string    `json:"name"`
	Blob           int64     `json:"blob"` // its body's number on disk
	Generation     int64     `json:"generation"`
	Metageneration int64     `json:"metageneration"`
	Size           int64     `json:"size"`
	CRC32C         uint32    `json:"crc32c"`
	MD5            []byte    `json:"md5,omitempty"` // absent on composed objects, as in the real service
	Components     int64     `json:"components,omitempty"`
	Created        time.Time `json:"created"`
	Updated        time.Time `json:"updated"`
	Noncurrent     time.Time `json:"noncurrent,omitzero"`   // since when it is no longer live; zero: it never ceased to be
	SoftDeleted    time.Time `json:"soft_deleted,omitzero"` // since when it can only be restored
	HardDelete     time.Time `json:"hard_delete,omitzero"`  // when that ends
	Upload         string    `json:"upload,omitempty"`      // the resumable session that made it, to answer a repeated last chunk
	Meta           metadata  `json:"meta"`
}

// metadata is what a client may set on an object.
type metadata struct {
	ContentType        string            `json:"type,omitempty"`
	ContentEncoding    string            `json:"encoding,omitempty"`
	ContentLanguage    string            `json:"language,omitempty"`
	ContentDisposition string            `json:"disposition,omitempty"`
	CacheControl       string            `json:"cache,omitempty"`
	StorageClass       string            `json:"class,omitempty"`
	CustomTime         time.Time         `json:"custom_time,omitzero"`
	Custom             map[string]string `json:"custom,omitempty"` // never modified in place: versions share it
}

// checksums are the digests of one body. md5 is nil where it was not computed.
type checksums struct {
	size int64
	crc  uint32
	md5  []byte
}

func (o *object) etag() string {
	return base64.RawStdEncoding.EncodeToString(fmt.Appendf(nil, "%d/%d", o.Generation, o.Metageneration))
}

func (o *object) crc32cBase64() string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, o.CRC32C))
}

func (o *object) md5Base64() string { return base64.StdEncoding.EncodeToString(o.MD5) }
