package daily

import (
	"errors"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/queryjob"
)

// isPermanent tells whether the same report will fail the same way again. Other than
// a service, a run has an end to reach and a person who reads its error: it does not
// wait for somebody to grant an access or a budget.
func isPermanent(err error) bool {
	return queryjob.Permanent(err) || queryjob.OverBudget(err) || errors.Is(err, storage.ErrBucketNotExist) ||
		queryjob.HasReason(err, "accessDenied") || queryjob.HasReason(err, "forbidden") // BigQuery's word, and Cloud Storage's
}
