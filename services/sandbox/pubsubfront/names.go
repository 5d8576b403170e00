package pubsubfront

import (
	"strings"
)

// deletedTopic is what Pub/Sub shows as the topic of a subscription that
// outlived its topic.
const deletedTopic = "_deleted_topic_"

// checkName says whether name is projects/P/<collection>/ID with an ID that
// Pub/Sub allows (https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names).
func checkName(name, collection string) error {
	project, id, ok := splitName(name, collection)
	if !ok || project == "" || !validID(id) {
		return errBadName(name)
	}
	return nil
}

// splitName parts projects/P/<collection>/ID.
func splitName(name, collection string) (project, id string, ok bool) {
	rest, ok := strings.CutPrefix(name, "projects/")
	if !ok {
		return "", "", false
	}
	project, rest, ok = strings.Cut(rest, "/")
	if !ok {
		return "", "", false
	}
	id, ok = strings.CutPrefix(rest, collection+"/")
	if !ok || strings.Contains(id, "/") {
		return "", "", false
	}
	return project, id, true
}

// lastPart is the short name by which Pub/Sub's errors call a resource.
func lastPart(name string) string {
	return name[strings.LastIndexByte(name, '/')+1:]
}

// validID: 3 to 255 characters, starting with a letter, of letters, digits and
// -_.~+%, and not starting with goog.
func validID(id string) bool {
	if len(id) < 3 || len(id) > 255 || strings.HasPrefix(id, "goog") {
		return false
	}
	for i := range len(id) {
		c := id[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if i == 0 && !letter {
			return false
		}
		if !letter && (c < '0' || c > '9') && strings.IndexByte("-_.~+%", c) < 0 {
			return false
		}
	}
	return true
}
