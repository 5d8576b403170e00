package provision

import (
	"maps"

	"cloud.google.com/go/storage"
)

// The label of everything that provisioning makes, by which a bill, a search and a
// policy of the organisation find it. Other labels are the owner's.
const (
	labelKey     = "app"
	labelValue   = "order-pipeline"
	labelSetting = "label " + labelKey
)

// ownLabels are those of a resource that is made.
func ownLabels() map[string]string { return map[string]string{labelKey: labelValue} }

// withLabel is other people's labels and ours.
func withLabel(have map[string]string) map[string]string {
	labels := maps.Clone(have)
	if labels == nil {
		return ownLabels()
	}
	labels[labelKey] = labelValue
	return labels
}

// labeller is the update of a resource whose labels change one by one.
type labeller interface{ SetLabel(name, value string) }

var _ labeller = (*storage.BucketAttrsToUpdate)(nil)

// mendLabel has the update set the label if the resource has another or none.
func mendLabel(update labeller, have map[string]string, changes []Change) []Change {
	if have[labelKey] == labelValue {
		return changes
	}
	update.SetLabel(labelKey, labelValue)
	return compare(changes, labelSetting, have[labelKey], labelValue)
}
