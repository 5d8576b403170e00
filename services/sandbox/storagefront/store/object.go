package store

import "time"

// Object is one version of one object. It is immutable once committed: a change
// makes a new value, so readers hold it without a lock and two pointers are
// equal only if nothing changed between them. Its JSON is the journal's.
type Object struct {
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
	Meta           Metadata  `json:"meta"`
}

// Metadata is what a client may set on an object.
type Metadata struct {
	ContentType        string            `json:"type,omitempty"`
	ContentEncoding    string            `json:"encoding,omitempty"`
	ContentLanguage    string            `json:"language,omitempty"`
	ContentDisposition string            `json:"disposition,omitempty"`
	CacheControl       string            `json:"cache,omitempty"`
	StorageClass       string            `json:"class,omitempty"`
	CustomTime         time.Time         `json:"custom_time,omitzero"`
	Custom             map[string]string `json:"custom,omitempty"` // never modified in place: versions share it
}
