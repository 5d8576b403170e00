package storagefront

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// policyResource is a policy as the JSON API shows it.
type policyResource struct {
	Kind       string `json:"kind"`
	ResourceID string `json:"resourceId"`
	*iampolicy.Policy
}

func (s *Server) writePolicy(w http.ResponseWriter, bucketName string, p *iampolicy.Policy) {
	writeJSON(w, http.StatusOK, policyResource{"storage#policy", "projects/_/buckets/" + bucketName, p})
}

func (s *Server) getPolicy(w http.ResponseWriter, q url.Values, bucketName string) error {
	version := 0
	if v := q.Get("optionsRequestedPolicyVersion"); v != "" {
		var err error
		if version, err = strconv.Atoi(v); err != nil {
			return invalidf("Invalid value for optionsRequestedPolicyVersion: %q", v)
		}
	}
	shown, err := s.store.Policy(bucketName, version)
	if err != nil {
		return err
	}
	s.writePolicy(w, bucketName, shown)
	return nil
}

func (s *Server) setPolicy(w http.ResponseWriter, r *http.Request, bucketName string) error {
	var sent iampolicy.Policy
	if err := readJSON(r, &sent); err != nil {
		return err
	}
	kept, err := s.store.SetPolicy(bucketName, sent)
	if err != nil {
		return err
	}
	s.writePolicy(w, bucketName, kept)
	return nil
}

// testPermissions answers all that is asked for: nobody who calls is authenticated.
func (s *Server) testPermissions(w http.ResponseWriter, q url.Values, bucketName, verb string) error {
	if verb != "testPermissions" {
		return unservedf("iam/%s", verb)
	}
	if err := iampolicy.CheckPermissions(q["permissions"]); err != nil {
		return invalidf("%v", err)
	}
	if _, err := s.store.Bucket(bucketName, store.Conditions{}); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"kind": "storage#testIamPermissionsResponse", "permissions": q["permissions"]})
	return nil
}
