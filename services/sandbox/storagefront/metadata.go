package storagefront

import (
	"bytes"
	"encoding/json"
	"maps"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// maxCustomMetadata bounds the keys and values of one object's custom
// metadata together; https://cloud.google.com/storage/quotas#objects.
const maxCustomMetadata = 8 << 10

// fields is an object resource as a client sent it: decoded one level deep, so
// that absent, null and empty stay distinct.
type fields map[string]json.RawMessage

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

// text returns a string field; absent and null are "".
func (f fields) text(key string) (string, error) {
	raw, ok := f[key]
	if !ok {
		return "", nil
	}
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", invalidf("Invalid value for %s: not a string.", key)
	}
	if s == nil {
		return "", nil
	}
	return *s, nil
}

// patchMetadata returns m changed as f says: an absent field stays, null clears it, and
// a null in the custom metadata removes that key. What the store would have to
// act upon and does not is refused.
func patchMetadata(m store.Metadata, f fields) (store.Metadata, error) {
	for key, raw := range f {
		switch key {
		case "retention", "contexts", "kmsKeyName", "customerEncryption":
			if !isNull(raw) {
				return m, unservedf("the object field %s", key)
			}
		case "temporaryHold", "eventBasedHold":
			if !isNull(raw) && !bytes.Equal(raw, []byte("false")) {
				return m, unservedf("the object field %s", key)
			}
		}
	}
	for _, p := range []struct {
		key string
		to  *string
	}{
		{"contentType", &m.ContentType},
		{"contentEncoding", &m.ContentEncoding},
		{"contentLanguage", &m.ContentLanguage},
		{"contentDisposition", &m.ContentDisposition},
		{"cacheControl", &m.CacheControl},
		{"storageClass", &m.StorageClass},
	} {
		if _, ok := f[p.key]; !ok {
			continue
		}
		var err error
		if *p.to, err = f.text(p.key); err != nil {
			return m, err
		}
	}
	if raw, ok := f["customTime"]; ok {
		m.CustomTime = time.Time{}
		if err := json.Unmarshal(raw, &m.CustomTime); err != nil {
			return m, invalidf("Invalid value for customTime: not an RFC 3339 time.")
		}
	}
	if raw, ok := f["metadata"]; ok {
		custom, err := patchCustom(m.Custom, raw)
		if err != nil {
			return m, err
		}
		m.Custom = custom
	}
	return m, nil
}

func patchCustom(old map[string]string, raw json.RawMessage) (map[string]string, error) {
	if isNull(raw) {
		return nil, nil
	}
	var changes map[string]*string
	if err := json.Unmarshal(raw, &changes); err != nil {
		return nil, invalidf("Invalid value for metadata: not an object of strings.")
	}
	custom := maps.Clone(old) // versions share their maps
	if custom == nil {
		custom = make(map[string]string, len(changes))
	}
	for k, v := range changes {
		if v == nil {
			delete(custom, k)
		} else {
			custom[k] = *v
		}
	}
	size := 0
	for k, v := range custom {
		size += len(k) + len(v)
	}
	if size > maxCustomMetadata {
		return nil, invalidf("The metadata for your object is too large: it must be at most %d bytes.", maxCustomMetadata)
	}
	if len(custom) == 0 {
		return nil, nil
	}
	return custom, nil
}

// settable are the fields whose presence in a copy's body means that the
// destination gets its own metadata instead of the source's.
var settable = []string{
	"contentType", "contentEncoding", "contentLanguage", "contentDisposition",
	"cacheControl", "storageClass", "customTime", "metadata",
}

// copiedMetadata is the metadata of a copy of an object with m: the source's, or, when
// the request names any, only what it names.
func copiedMetadata(m store.Metadata, f fields) (store.Metadata, error) {
	for _, key := range settable {
		if _, ok := f[key]; ok {
			return patchMetadata(store.Metadata{}, f)
		}
	}
	return patchMetadata(m, f) // nothing to take over, but still something to refuse
}
