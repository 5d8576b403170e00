package storagefront

import (
	"cmp"
	"encoding/json"
	"hash/crc32"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// outputOnly are bucket fields that the service fills in; what a client sends in them is dropped.
var outputOnly = []string{
	"acl", "defaultObjectAcl", "etag", "generation", "id", "kind", "metageneration", "name", "owner",
	"projectNumber", "selfLink", "timeCreated", "updated",
}

// patchBucket merges a client's bucket resource into the stored one: null
// deletes a field, labels merge key by key, everything else is replaced. Fields
// that would change how objects behave are refused.
func patchBucket(old, changes fields) (fields, error) {
	merged := maps.Clone(old)
	if merged == nil {
		merged = fields{}
	}
	for key, raw := range changes {
		switch {
		case slices.Contains(outputOnly, key):
		case isNull(raw):
			delete(merged, key)
		case key == "labels":
			labels, err := patchLabels(merged[key], raw)
			if err != nil {
				return nil, err
			}
			merged[key] = labels
		case key == "retentionPolicy":
			return nil, unservedf("the bucket field %s", key)
		case key == "versioning", key == "hierarchicalNamespace", key == "objectRetention":
			var v struct{ Enabled bool }
			if json.Unmarshal(raw, &v) != nil {
				return nil, invalidf("Invalid value for %s", key)
			}
			if v.Enabled || key == "objectRetention" {
				return nil, unservedf("the bucket field %s", key)
			}
			merged[key] = raw
		default:
			merged[key] = raw
		}
	}
	return merged, nil
}

func patchLabels(old, raw json.RawMessage) (json.RawMessage, error) {
	labels := map[string]string{}
	if old != nil {
		if err := json.Unmarshal(old, &labels); err != nil {
			return nil, err
		}
	}
	var changes map[string]*string
	if err := json.Unmarshal(raw, &changes); err != nil {
		return nil, invalidf("Invalid value for labels: not an object of strings.")
	}
	for k, v := range changes {
		if v == nil {
			delete(labels, k)
		} else {
			labels[k] = *v
		}
	}
	return json.Marshal(labels)
}

// addBucket makes a bucket; 409 if it exists.
func (s *store) addBucket(state *bucketState) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[state.Name] != nil {
		return &apiError{http.StatusConflict, "conflict", "Your previous request to create the named bucket succeeded and you already own it."}
	}
	now := s.now().UTC()
	state.Generation, state.Metageneration = s.nextGeneration(now), 1
	state.Created, state.Updated = now, now
	return s.write(&record{In: state.Name, Time: now, Bucket: state})
}

// bucket returns a bucket's state if its preconditions hold.
func (s *store) bucket(name string, cond conditions) (*bucketState, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[name]
	if b == nil {
		return nil, errNoBucket
	}
	return b.state, cond.checkRead(&object{Metageneration: b.state.Metageneration})
}

func (s *store) changeBucket(name string, cond conditions, changes fields) (*bucketState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		return nil, errNoBucket
	}
	if err := cond.checkWrite(&object{Metageneration: b.state.Metageneration}); err != nil {
		return nil, err
	}
	merged, err := patchBucket(b.state.Fields, changes)
	if err != nil {
		return nil, err
	}
	state := *b.state
	state.Fields = merged
	state.Metageneration++
	state.Updated = s.now().UTC()
	return &state, s.write(&record{In: name, Time: state.Updated, Bucket: &state})
}

func (s *store) dropBucket(name string, cond conditions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		return errNoBucket
	}
	if err := cond.checkWrite(&object{Metageneration: b.state.Metageneration}); err != nil {
		return err
	}
	if b.objects.count > 0 {
		return &apiError{http.StatusConflict, "conflict", "The bucket you tried to delete is not empty."}
	}
	return s.write(&record{In: name, Time: s.now().UTC(), DropBucket: true})
}

// bucketResource is a bucket as the API shows it: what the client once sent,
// the defaults, and what the service knows.
func (s *Server) bucketResource(b *bucketState) fields {
	r := fields{
		"location":     json.RawMessage(`"US"`),
		"locationType": json.RawMessage(`"multi-region"`),
		"storageClass": json.RawMessage(`"` + defaultStorageClass + `"`),
	}
	maps.Copy(r, b.Fields)
	for key, value := range map[string]string{
		"kind":           "storage#bucket",
		"id":             b.Name,
		"name":           b.Name,
		"selfLink":       s.base + "/storage/v1/b/" + b.Name,
		"projectNumber":  strconv.FormatUint(uint64(projectNumber(b.Project)), 10),
		"generation":     strconv.FormatInt(b.Generation, 10),
		"metageneration": strconv.FormatInt(b.Metageneration, 10),
		"etag":           (&object{Generation: b.Generation, Metageneration: b.Metageneration}).etag(),
		"timeCreated":    b.Created.Format("2006-01-02T15:04:05.000Z"),
		"updated":        b.Updated.Format("2006-01-02T15:04:05.000Z"),
	} {
		r[key] = json.RawMessage(strconv.Quote(value)) // plain ASCII: Go's quoting is JSON's
	}
	return r
}

// projectNumber stands for the number of a project that has only a name here.
func projectNumber(project string) uint32 {
	return crc32.Checksum([]byte(project), castagnoli)
}

func (s *Server) insertBucket(w http.ResponseWriter, r *http.Request, q url.Values) error {
	project := q.Get("project")
	if project == "" {
		return &apiError{http.StatusBadRequest, "required", "Required parameter: project"}
	}
	var f fields
	if err := readJSON(r, &f); err != nil {
		return err
	}
	name, err := f.text("name")
	if err != nil {
		return err
	}
	if err := checkBucketName(name); err != nil {
		return err
	}
	location, err := f.text("location")
	if err != nil {
		return err
	}
	if location != "" { // shown in capitals, however it was asked for
		if f["location"], err = json.Marshal(strings.ToUpper(location)); err != nil {
			return err
		}
	}
	merged, err := patchBucket(nil, f)
	if err != nil {
		return err
	}
	state := &bucketState{Name: name, Project: project, Fields: merged}
	if err := s.store.addBucket(state); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.bucketResource(state))
	return nil
}

func (s *Server) getBucket(w http.ResponseWriter, q url.Values, name string) error {
	cond, err := queryConditions(q, "")
	if err != nil {
		return err
	}
	state, err := s.store.bucket(name, cond)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.bucketResource(state))
	return nil
}

func (s *Server) changeBucket(w http.ResponseWriter, r *http.Request, q url.Values, name string) error {
	cond, err := queryConditions(q, "")
	if err != nil {
		return err
	}
	var f fields
	if err := readJSON(r, &f); err != nil {
		return err
	}
	state, err := s.store.changeBucket(name, cond, f)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.bucketResource(state))
	return nil
}

func (s *Server) deleteBucket(w http.ResponseWriter, q url.Values, name string) error {
	cond, err := queryConditions(q, "")
	if err != nil {
		return err
	}
	if err := s.store.dropBucket(name, cond); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// listBuckets lists a project's buckets, all on one page unless fewer are asked for.
func (s *Server) listBuckets(w http.ResponseWriter, q url.Values) error {
	limit, err := pageSize(q)
	if err != nil {
		return err
	}
	s.store.mu.RLock()
	var states []*bucketState
	for _, b := range s.store.buckets {
		if b.state.Project == q.Get("project") && strings.HasPrefix(b.state.Name, q.Get("prefix")) && b.state.Name > q.Get("pageToken") {
			states = append(states, b.state)
		}
	}
	s.store.mu.RUnlock()
	slices.SortFunc(states, func(a, b *bucketState) int { return cmp.Compare(a.Name, b.Name) })
	reply := struct {
		Kind          string   `json:"kind"`
		NextPageToken string   `json:"nextPageToken,omitempty"`
		Items         []fields `json:"items,omitempty"`
	}{Kind: "storage#buckets"}
	if len(states) > limit {
		states = states[:limit]
		reply.NextPageToken = states[limit-1].Name
	}
	for _, state := range states {
		reply.Items = append(reply.Items, s.bucketResource(state))
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}
