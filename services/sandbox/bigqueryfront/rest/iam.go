package rest

import (
	"net/http"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
)

// tablePolicy serves the methods of a table's IAM policy, whose verb follows the
// table's name after a colon.
func (s *server) tablePolicy(r *http.Request) (any, error) {
	name, verb, _ := strings.Cut(r.PathValue("table"), ":")
	table := dialect.TableRef{Dataset: r.PathValue("dataset"), Table: name}
	switch verb {
	case "getIamPolicy":
		var req struct {
			Options struct {
				Version int `json:"requestedPolicyVersion"`
			} `json:"options"`
		}
		if err := decode(r, &req); err != nil {
			return nil, err
		}
		return s.cat.Policy(table, req.Options.Version)
	case "setIamPolicy":
		var req struct {
			Policy iampolicy.Policy `json:"policy"`
		}
		if err := decode(r, &req); err != nil {
			return nil, err
		}
		return s.cat.SetPolicy(r.Context(), table, req.Policy)
	case "testIamPermissions":
		var req struct {
			Permissions []string `json:"permissions"`
		}
		if err := decode(r, &req); err != nil {
			return nil, err
		}
		if err := iampolicy.CheckPermissions(req.Permissions); err != nil {
			return nil, fault.Invalid("%s", err)
		}
		if s.cat.Lookup(table) == nil {
			req.Permissions = nil // a table that is not there gives none, and no error
		}
		return map[string][]string{"permissions": req.Permissions}, nil
	}
	return nil, fault.Unserved("%s %s", r.Method, r.URL.Path)
}
