package storagefront

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/resourcemanager"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// bucketResource is a bucket as the API shows it: what the client once sent,
// the defaults, and what the service knows.
func (s *Server) bucketResource(b *store.BucketState) fields {
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
		"etag":           etag(b.Generation, b.Metageneration),
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
	location, err := f.text("location")
	if err != nil {
		return err
	}
	if location != "" { // shown in capitals, however it was asked for
		if f["location"], err = json.Marshal(strings.ToUpper(location)); err != nil {
			return err
		}
	}
	state, err := s.store.AddBucket(project, name, f)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.bucketResource(state))
	return nil
}

// storageLayout tells that a bucket has no folders of its own, which gcloud asks before it moves.
func (s *Server) storageLayout(w http.ResponseWriter, name string) error {
	state, err := s.store.Bucket(name, store.Conditions{})
	if err != nil {
		return err
	}
	whole := s.bucketResource(state)
	writeJSON(w, http.StatusOK, fields{"kind": json.RawMessage(`"storage#storageLayout"`), "bucket": whole["name"],
		"location": whole["location"], "locationType": whole["locationType"], "hierarchicalNamespace": json.RawMessage(`{"enabled":false}`)})
	return nil
}

func (s *Server) getBucket(w http.ResponseWriter, q url.Values, name string) error {
	cond, err := queryConditions(q, "")
	if err != nil {
		return err
	}
	state, err := s.store.Bucket(name, cond)
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
	state, err := s.store.ChangeBucket(name, cond, f)
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
	if err := s.store.DropBucket(name, cond); err != nil {
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
	states := slices.DeleteFunc(s.store.Buckets(q.Get("project")), func(b *store.BucketState) bool {
		return !strings.HasPrefix(b.Name, q.Get("prefix")) || b.Name <= q.Get("pageToken")
	})
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
