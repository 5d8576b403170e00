package storagefront

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/labels"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/resourcemanager"
)

// outputOnly are bucket fields that the service fills in; what a client sends in them is dropped.
var outputOnly = []string{
	"acl", "defaultObjectAcl", "etag", "generation", "id", "kind", "metageneration", "name", "owner",
	"projectNumber", "selfLink", "timeCreated", "updated",
}

// patchBucket merges a client's bucket resource into the stored one: null
// deletes a field, labels merge key by key, everything else is replaced. Fields
// that would change how objects behave are refused.
func patchBucket(old, changes fields, now time.Time) (fields, error) {
	merged := maps.Clone(old)
	if merged == nil {
		merged = fields{}
	}
	for key, raw := range changes {
		switch {
		case slices.Contains(outputOnly, key):
		case key == "softDeletePolicy":
			policy, err := newSoftDelete(merged[key], raw, now)
			if err != nil {
				return nil, err
			}
			merged[key] = policy
		case isNull(raw):
			delete(merged, key)
		case key == "labels":
			labels, err := patchLabels(merged[key], raw)
			if err != nil {
				return nil, err
			}
			merged[key] = labels
		case key == "retentionPolicy":
			policy, err := newRetention(merged[key], raw, now)
			if err != nil {
				return nil, err
			}
			merged[key] = policy
		case key == "versioning", key == "hierarchicalNamespace", key == "objectRetention":
			var v struct{ Enabled bool }
			if json.Unmarshal(raw, &v) != nil {
				return nil, invalidf("Invalid value for %s", key)
			}
			if v.Enabled && key != "versioning" || key == "objectRetention" {
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
	is := &object{Metageneration: b.state.Metageneration}
	return b.state, cond.checkRead(is, is)
}

func (s *store) changeBucket(name string, cond conditions, changes fields) (*bucketState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		return nil, errNoBucket
	}
	is := &object{Metageneration: b.state.Metageneration}
	if err := cond.checkWrite(is, is); err != nil {
		return nil, err
	}
	merged, err := patchBucket(b.state.Fields, changes, s.now())
	if err != nil {
		return nil, err
	}
	state := *b.state
	state.Fields = merged
	state.Metageneration++
	state.Updated = s.now().UTC()
	return &state, s.write(&record{In: name, Time: state.Updated, Bucket: &state})
}

// dropBucket deletes an empty bucket. What is soft-deleted in it goes with it: there
// is no bringing back buckets.
func (s *store) dropBucket(name string, cond conditions) error {
	stale, err := s.dropBucketLocked(name, cond)
	s.discard(stale)
	return err
}

func (s *store) dropBucketLocked(name string, cond conditions) (stale []*object, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		return nil, errNoBucket
	}
	is := &object{Metageneration: b.state.Metageneration}
	if err := cond.checkWrite(is, is); err != nil {
		return nil, err
	}
	if b.objects.count+b.versions.count > 0 {
		return nil, errNotEmpty
	}
	if err := s.write(&record{In: name, Time: s.now().UTC(), DropBucket: true}); err != nil {
		return nil, err
	}
	return slices.Collect(b.deleted.all), nil
}

// bucketResource is a bucket as the API shows it: what the client once sent,
// the defaults, and what the service knows.
func (s *Server) bucketResource(b *bucketState) fields {
	r := fields{
		"location":     json.RawMessage(`"` + defaultLocation + `"`),
		"locationType": json.RawMessage(`"multi-region"`),
		"storageClass": json.RawMessage(`"` + defaultStorageClass + `"`),
	}
	maps.Copy(r, b.Fields)
	for key, value := range map[string]string{
		"kind":           "storage#bucket",
		"id":             b.Name,
		"name":           b.Name,
		"selfLink":       s.base + "/storage/v1/b/" + b.Name,
		"projectNumber":  resourcemanager.Number(b.Project),
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
	merged, err := patchBucket(nil, f, s.store.now())
	if err != nil {
		return err
	}
	if _, said := merged["softDeletePolicy"]; !said {
		policy := softDeletePolicy{Retention: seconds(defaultSoftDelete.Seconds()), Effective: s.store.now().UTC()}
		if merged["softDeletePolicy"], err = json.Marshal(policy); err != nil {
			return err
		}
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
