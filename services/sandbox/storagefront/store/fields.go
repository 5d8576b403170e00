package store

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/labels"
)

// outputOnly are bucket fields that the service fills in; what a client sends in them is dropped.
var outputOnly = []string{
	"acl", "defaultObjectAcl", "etag", "generation", "id", "kind", "metageneration", "name", "owner",
	"projectNumber", "selfLink", "timeCreated", "updated",
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// patchBucket merges a client's bucket resource into the stored one: null
// deletes a field, labels merge key by key, everything else is replaced. Fields
// that would change how objects behave are refused.
func patchBucket(old, changes map[string]json.RawMessage, now time.Time) (map[string]json.RawMessage, error) {
	merged := maps.Clone(old)
	if merged == nil {
		merged = map[string]json.RawMessage{}
	}
	for key, raw := range changes {
		if slices.Contains(outputOnly, key) {
			continue
		}
		value, err := patchField(key, merged[key], raw, now)
		switch {
		case err != nil:
			return nil, err
		case value == nil:
			delete(merged, key)
		default:
			merged[key] = value
		}
	}
	return merged, nil
}

// patchField is one field as a client sets it; nil is none.
func patchField(key string, old, raw json.RawMessage, now time.Time) (json.RawMessage, error) {
	switch {
	case key == "softDeletePolicy":
		return newSoftDelete(old, raw, now)
	case isNull(raw):
		return nil, nil
	case key == "labels":
		return patchLabels(old, raw)
	case key == "retentionPolicy":
		return newRetention(old, raw, now)
	case key == "versioning", key == "hierarchicalNamespace", key == "objectRetention":
		var v struct{ Enabled bool }
		if json.Unmarshal(raw, &v) != nil {
			return nil, invalidf("Invalid value for %s", key)
		}
		if v.Enabled && key != "versioning" || key == "objectRetention" {
			return nil, refuse(Unserved, "the bucket field %s", key)
		}
	}
	return raw, nil
}

func patchLabels(old, raw json.RawMessage) (json.RawMessage, error) {
	merged := map[string]string{}
	if old != nil {
		if err := json.Unmarshal(old, &merged); err != nil {
			return nil, err
		}
	}
	var changes map[string]*string
	if err := json.Unmarshal(raw, &changes); err != nil {
		return nil, invalidf("Invalid value for labels: not an object of strings.")
	}
	for k, v := range changes {
		if v == nil {
			delete(merged, k)
		} else {
			merged[k] = *v
		}
	}
	if err := labels.Check(merged); err != nil {
		return nil, invalidf("Invalid argument: %v.", err)
	}
	return json.Marshal(merged)
}
