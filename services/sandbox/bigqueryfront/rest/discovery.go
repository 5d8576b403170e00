package rest

import (
	"net/http"
	"regexp"
	"strings"
)

// discovered is a method as the discovery document describes it: its id, the HTTP method,
// its path below the base path, and its parameters in the query.
type discovered struct{ id, method, path, query string }

// The methods that are served, for clients that are built from a discovery document, as bq is.
var discoveredMethods = []discovered{
	{"datasets.list", "GET", "projects/{+projectId}/datasets", "all:boolean filter maxResults:integer pageToken"},
	{"datasets.insert", "POST", "projects/{+projectId}/datasets", "accessPolicyVersion:integer"},
	{"datasets.get", "GET", "projects/{+projectId}/datasets/{+datasetId}", "accessPolicyVersion:integer datasetView"},
	{"datasets.patch", "PATCH", "projects/{+projectId}/datasets/{+datasetId}", "accessPolicyVersion:integer updateMode"},
	{"datasets.update", "PUT", "projects/{+projectId}/datasets/{+datasetId}", "accessPolicyVersion:integer updateMode"},
	{"datasets.delete", "DELETE", "projects/{+projectId}/datasets/{+datasetId}", "deleteContents:boolean"},
	{"tables.list", "GET", "projects/{+projectId}/datasets/{+datasetId}/tables", "maxResults:integer pageToken"},
	{"tables.insert", "POST", "projects/{+projectId}/datasets/{+datasetId}/tables", ""},
	{"tables.get", "GET", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}", "selectedFields view"},
	{"tables.patch", "PATCH", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}", "autodetect_schema:boolean"},
	{"tables.update", "PUT", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}", "autodetect_schema:boolean"},
	{"tables.delete", "DELETE", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}", ""},
	{"tabledata.list", "GET", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}/data",
		"formatOptions.useInt64Timestamp:boolean formatOptions.timestampOutputFormat maxResults:integer pageToken selectedFields startIndex"},
	{"tabledata.insertAll", "POST", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}/insertAll", ""},
	{"jobs.list", "GET", "projects/{+projectId}/jobs", "allUsers:boolean maxCreationTime maxResults:integer minCreationTime pageToken parentJobId projection stateFilter"},
	{"jobs.insert", "POST", "projects/{+projectId}/jobs", ""},
	{"jobs.get", "GET", "projects/{+projectId}/jobs/{+jobId}", "location"},
	{"jobs.cancel", "POST", "projects/{+projectId}/jobs/{+jobId}/cancel", "location"},
	{"jobs.delete", "DELETE", "projects/{+projectId}/jobs/{+jobId}/delete", "location"},
	{"jobs.query", "POST", "projects/{+projectId}/queries", ""},
	{"jobs.getQueryResults", "GET", "projects/{+projectId}/queries/{+jobId}",
		"formatOptions.useInt64Timestamp:boolean formatOptions.timestampOutputFormat location maxResults:integer pageToken startIndex timeoutMs:integer"},
}

var pathParameter = regexp.MustCompile(`\{\+(\w+)\}`)

type object map[string]any

// discovery writes the document, for the address by which the client called. Bodies are any
// objects: whoever reads it knows them.
func discovery(r *http.Request) (any, error) {
	resources := object{}
	for _, m := range discoveredMethods {
		resource, name, _ := strings.Cut(m.id, ".")
		parameters := object{}
		var order []string
		for _, found := range pathParameter.FindAllStringSubmatch(m.path, -1) {
			parameters[found[1]] = object{"location": "path", "required": true, "type": "string"}
			order = append(order, found[1])
		}
		for _, p := range strings.Fields(m.query) {
			parameter, kind, typed := strings.Cut(p, ":")
			if !typed {
				kind = "string"
			}
			parameters[parameter] = object{"location": "query", "type": kind}
		}
		method := object{"id": "bigquery." + m.id, "httpMethod": m.method, "path": m.path, "parameters": parameters, "parameterOrder": order,
			"response": object{"$ref": "Any"}}
		if m.method == http.MethodPost || m.method == http.MethodPut || m.method == http.MethodPatch {
			method["request"] = object{"$ref": "Any"}
		}
		if m.id == "jobs.insert" {
			upload := object{"multipart": true, "path": "/upload" + basePath + "/" + m.path}
			method["supportsMediaUpload"] = true
			method["mediaUpload"] = object{"accept": []string{"*/*"}, "protocols": object{"simple": upload, "resumable": upload}}
		}
		if resources[resource] == nil {
			resources[resource] = object{"methods": object{}}
		}
		resources[resource].(object)["methods"].(object)[name] = method
	}
	root := "http://" + r.Host + "/"
	service := strings.TrimPrefix(basePath, "/") + "/"
	return object{"kind": "discovery#restDescription", "discoveryVersion": "v1", "id": "bigquery:v2", "name": "bigquery", "version": "v2",
		"title": "The embedded BigQuery", "protocol": "rest", "rootUrl": root, "servicePath": service, "baseUrl": root + service,
		"basePath": basePath + "/", "batchPath": "batch", "parameters": object{}, "resources": resources,
		"schemas": object{"Any": object{"id": "Any", "type": "object", "additionalProperties": object{"type": "any"}}}}, nil
}
