package faults

import "net/http"

// methodTable names requests by the API's own method names. It only matches;
// it serves nothing.
type methodTable struct {
	front string
	mux   *http.ServeMux
	names map[string]string // by pattern
}

func newMethodTable(front string, names map[string]string) *methodTable {
	t := &methodTable{front: front, mux: http.NewServeMux(), names: names}
	for pattern := range names {
		t.mux.Handle(pattern, http.NotFoundHandler())
	}
	return t
}

// name is "<front>.<resource>.<method>", or "<front>.other" for what the table
// does not know.
func (t *methodTable) name(r *http.Request) string {
	_, pattern := t.mux.Handler(r)
	if name, ok := t.names[pattern]; ok {
		if name == "objects.get" && r.URL.Query().Get("alt") == "media" {
			name = getMedia
		}
		return t.front + "." + name
	}
	return t.front + ".other"
}

const (
	buckets = "/storage/v1/b"
	objects = buckets + "/{bucket}/o"
	configs = buckets + "/{bucket}/notificationConfigs"
)

// getMedia is objects.get of the content instead of the metadata, which asks for more: an
// object's key, for instance.
const getMedia = "objects.getMedia"

var storageMethods = newMethodTable("storage", map[string]string{
	"GET " + buckets:                                      "buckets.list",
	"POST " + buckets:                                     "buckets.insert",
	"GET " + buckets + "/{bucket}":                        "buckets.get",
	"PATCH " + buckets + "/{bucket}":                      "buckets.patch",
	"DELETE " + buckets + "/{bucket}":                     "buckets.delete",
	"GET " + buckets + "/{bucket}/storageLayout":          "buckets.getStorageLayout",
	"GET " + buckets + "/{bucket}/iam":                    "buckets.getIamPolicy",
	"PUT " + buckets + "/{bucket}/iam":                    "buckets.setIamPolicy",
	"GET " + buckets + "/{bucket}/iam/testPermissions":    "buckets.testIamPermissions",
	"GET " + objects:                                      "objects.list",
	"GET " + objects + "/{object}":                        "objects.get",
	"PATCH " + objects + "/{object}":                      "objects.patch",
	"PUT " + objects + "/{object}":                        "objects.update",
	"DELETE " + objects + "/{object}":                     "objects.delete",
	"POST " + objects + "/{object}/compose":               "objects.compose",
	"POST " + objects + "/{object}/copyTo/b/{b}/o/{o}":    "objects.copy",
	"POST " + objects + "/{object}/rewriteTo/b/{b}/o/{o}": "objects.rewrite",
	"POST " + objects + "/{object}/moveTo/o/{o}":          "objects.move",
	"POST " + objects + "/{object}/restore":               "objects.restore",
	"GET " + configs:                                      "notifications.list",
	"POST " + configs:                                     "notifications.insert",
	"GET " + configs + "/{config}":                        "notifications.get",
	"DELETE " + configs + "/{config}":                     "notifications.delete",
	"POST /upload/storage/v1/b/{bucket}/o":                "objects.insert",
	"PUT /upload/storage/v1/b/{bucket}/o":                 "objects.insert", // a part of a resumable upload
	"GET /download/storage/v1/b/{bucket}/o/{object}":      getMedia,
	"GET /{bucket}/{object...}":                           getMedia, // the XML API's reads
})

const project = "/bigquery/v2/projects/{project}"

var bigqueryMethods = newMethodTable("bigquery", map[string]string{
	"GET " + project + "/datasets":                                     "datasets.list",
	"POST " + project + "/datasets":                                    "datasets.insert",
	"GET " + project + "/datasets/{dataset}":                           "datasets.get",
	"PUT " + project + "/datasets/{dataset}":                           "datasets.update",
	"PUT " + project + "/datasets/{dataset}/tables/{table}":            "tables.update",
	"PATCH " + project + "/datasets/{dataset}":                         "datasets.patch",
	"DELETE " + project + "/datasets/{dataset}":                        "datasets.delete",
	"GET " + project + "/datasets/{dataset}/tables":                    "tables.list",
	"POST " + project + "/datasets/{dataset}/tables":                   "tables.insert",
	"GET " + project + "/datasets/{dataset}/tables/{table}":            "tables.get",
	"PATCH " + project + "/datasets/{dataset}/tables/{table}":          "tables.patch",
	"DELETE " + project + "/datasets/{dataset}/tables/{table}":         "tables.delete",
	"GET " + project + "/datasets/{dataset}/tables/{table}/data":       "tabledata.list",
	"POST " + project + "/datasets/{dataset}/tables/{table}/insertAll": "tabledata.insertAll",
	"GET " + project + "/jobs":                                         "jobs.list",
	"POST /upload" + project + "/jobs":                                 "jobs.insert",
	"PUT /upload" + project + "/jobs":                                  "jobs.insert", // a part of a resumable upload
	"POST " + project + "/jobs":                                        "jobs.insert",
	"GET " + project + "/jobs/{job}":                                   "jobs.get",
	"POST " + project + "/jobs/{job}/cancel":                           "jobs.cancel",
	"DELETE " + project + "/jobs/{job}/delete":                         "jobs.delete",
	"POST " + project + "/queries":                                     "jobs.query",
	"GET " + project + "/queries/{job}":                                "jobs.getQueryResults",
})
