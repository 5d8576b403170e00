package storagefront

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// objectResource is an object as the JSON API shows it;
// https://cloud.google.com/storage/docs/json_api/v1/objects#resource.
type objectResource struct {
	Kind                    string            `json:"kind"`
	ID                      string            `json:"id"`
	SelfLink                string            `json:"selfLink"`
	MediaLink               string            `json:"mediaLink"`
	Name                    string            `json:"name"`
	Bucket                  string            `json:"bucket"`
	Generation              int64             `json:"generation,string"`
	Metageneration          int64             `json:"metageneration,string"`
	ContentType             string            `json:"contentType,omitempty"`
	ContentEncoding         string            `json:"contentEncoding,omitempty"`
	ContentLanguage         string            `json:"contentLanguage,omitempty"`
	ContentDisposition      string            `json:"contentDisposition,omitempty"`
	CacheControl            string            `json:"cacheControl,omitempty"`
	StorageClass            string            `json:"storageClass"`
	Size                    int64             `json:"size,string"`
	MD5Hash                 string            `json:"md5Hash,omitempty"`
	CRC32C                  string            `json:"crc32c"`
	ComponentCount          int64             `json:"componentCount,omitempty"`
	ETag                    string            `json:"etag"`
	TimeCreated             apiTime           `json:"timeCreated"`
	Updated                 apiTime           `json:"updated"`
	TimeStorageClassUpdated apiTime           `json:"timeStorageClassUpdated"`
	TimeFinalized           apiTime           `json:"timeFinalized"`
	TimeDeleted             *apiTime          `json:"timeDeleted,omitempty"`
	SoftDeleteTime          *apiTime          `json:"softDeleteTime,omitempty"`
	HardDeleteTime          *apiTime          `json:"hardDeleteTime,omitempty"`
	CustomTime              *apiTime          `json:"customTime,omitempty"`
	RetentionExpirationTime *apiTime          `json:"retentionExpirationTime,omitempty"`
	Metadata                map[string]string `json:"metadata,omitempty"`
}

// apiTime is a time in the API's form: UTC, to the millisecond.
type apiTime time.Time

func (t apiTime) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

const (
	defaultStorageClass = "STANDARD"
	defaultLocation     = "US"
)

func (s *Server) objectResource(o *store.Object) *objectResource {
	path := "/storage/v1/b/" + o.Bucket + "/o/" + url.PathEscape(o.Name)
	generation := strconv.FormatInt(o.Generation, 10)
	r := &objectResource{
		Kind:                    "storage#object",
		ID:                      o.Bucket + "/" + o.Name + "/" + generation,
		SelfLink:                s.base + path,
		MediaLink:               s.base + "/download" + path + "?generation=" + generation + "&alt=media",
		Name:                    o.Name,
		Bucket:                  o.Bucket,
		Generation:              o.Generation,
		Metageneration:          o.Metageneration,
		ContentType:             o.Meta.ContentType,
		ContentEncoding:         o.Meta.ContentEncoding,
		ContentLanguage:         o.Meta.ContentLanguage,
		ContentDisposition:      o.Meta.ContentDisposition,
		CacheControl:            o.Meta.CacheControl,
		StorageClass:            o.Meta.StorageClass,
		Size:                    o.Size,
		CRC32C:                  crc32cBase64(o),
		ComponentCount:          o.Components,
		ETag:                    etag(o.Generation, o.Metageneration),
		TimeCreated:             apiTime(o.Created),
		Updated:                 apiTime(o.Updated),
		TimeStorageClassUpdated: apiTime(o.Created),
		TimeFinalized:           apiTime(o.Created),
		Metadata:                o.Meta.Custom,
	}
	if r.StorageClass == "" {
		r.StorageClass = defaultStorageClass
	}
	if o.MD5 != nil {
		r.MD5Hash = base64.StdEncoding.EncodeToString(o.MD5)
	}
	if retention := s.store.Retention(o.Bucket); retention > 0 {
		t := apiTime(o.Created.Add(retention))
		r.RetentionExpirationTime = &t
	}
	r.TimeDeleted = optionalTime(o.Noncurrent)
	r.SoftDeleteTime = optionalTime(o.SoftDeleted)
	r.HardDeleteTime = optionalTime(o.HardDelete)
	r.CustomTime = optionalTime(o.Meta.CustomTime)
	return r
}

func optionalTime(t time.Time) *apiTime {
	if t.IsZero() {
		return nil
	}
	shown := apiTime(t)
	return &shown
}

// etag tells one state of an object or bucket from another.
func etag(generation, metageneration int64) string {
	return base64.RawStdEncoding.EncodeToString(fmt.Appendf(nil, "%d/%d", generation, metageneration))
}

func crc32cBase64(o *store.Object) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, o.CRC32C))
}
