package daily

import (
	"errors"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// isPermanent tells whether the same report will fail the same way again. Other than
// a service, a run has an end to reach and a person who reads its error: it does not
// wait for somebody to grant an access or a budget.
func isPermanent(err error) bool {
	_, isOfOtherDays := errors.AsType[*warehouse.OtherZoneError](err)
	return isOfOtherDays || warehouse.Permanent(err) || warehouse.OverBudget(err) || errors.Is(err, storage.ErrBucketNotExist) ||
		warehouse.HasReason(err, "accessDenied") || warehouse.HasReason(err, "forbidden") // BigQuery's word, and Cloud Storage's
}
