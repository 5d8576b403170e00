package doctor

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// APIs, by the names that findings use.
const (
	apiPubSub   = "Pub/Sub"
	apiStorage  = "Cloud Storage"
	apiBigQuery = "BigQuery"
	apiWrite    = "BigQuery Storage Write"
)

// reach asks every API for something small. An answer that it does not exist is an
// answer.
func (e *examiner) reach(ctx context.Context) {
	for _, api := range []struct {
		name, service string
		ask           func(context.Context) error
	}{
		{apiPubSub, "pubsub.googleapis.com", func(ctx context.Context) error {
			name := "projects/" + e.cfg.ProjectID + "/topics/" + topology.TopicLandingNotifications
			_, err := e.pubsub.TopicAdminClient.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: name})
			return err
		}},
		{apiStorage, "storage.googleapis.com", func(ctx context.Context) error {
			_, err := e.storage.Bucket(e.cfg.Bucket).Attrs(ctx)
			return err
		}},
		{apiBigQuery, "bigquery.googleapis.com", func(ctx context.Context) error {
			_, err := e.bigquery.Dataset(e.cfg.Dataset).Metadata(ctx)
			return err
		}},
		{apiWrite, "bigquerystorage.googleapis.com", func(ctx context.Context) error {
			name := e.cfg.TableName("staging_orders") + "/streams/_default"
			_, err := e.writeAPI.GetWriteStream(ctx, &storagepb.GetWriteStreamRequest{Name: name})
			return err
		}},
	} {
		asking, cancel := context.WithTimeout(ctx, e.opts.Patience)
		err := api.ask(asking)
		cancel()
		check := "reach " + api.name
		if api.name == apiWrite && status.Code(err) == codes.PermissionDenied && !isDisabled(err) {
			e.ok(check, "it answers; whoever runs this may not append")
			continue
		}
		if err == nil || isMissing(err) {
			e.ok(check, "")
			continue
		}
		e.broken[api.name] = true
		e.add(check, Fail, err.Error(), remedyOf(err, api.service))
	}
}

func isMissing(err error) bool {
	return errors.Is(err, storage.ErrBucketNotExist) || httpStatus(err) == http.StatusNotFound || status.Code(err) == codes.NotFound
}

func httpStatus(err error) int {
	if e, ok := errors.AsType[*googleapi.Error](err); ok {
		return e.Code
	}
	return 0
}

// isDisabled tells that the project has not switched the API on
// (https://cloud.google.com/apis/design/errors#error_info). The older JSON APIs may give
// their own reason alone.
func isDisabled(err error) bool {
	if e, ok := apierror.FromError(err); ok && e.Reason() == "SERVICE_DISABLED" {
		return true
	}
	e, ok := errors.AsType[*googleapi.Error](err)
	return ok && slices.ContainsFunc(e.Errors, func(item googleapi.ErrorItem) bool { return item.Reason == "accessNotConfigured" })
}

func remedyOf(err error, service string) string {
	// That no credentials are found, Google's libraries say only in words; it is a hint, and no more.
	noCredentials := strings.Contains(err.Error(), "credentials")
	switch {
	case isDisabled(err):
		return "Switch the API on: gcloud services enable " + service
	case noCredentials || httpStatus(err) == http.StatusUnauthorized || status.Code(err) == codes.Unauthenticated:
		return "Log in: gcloud auth application-default login"
	case httpStatus(err) == http.StatusForbidden || status.Code(err) == codes.PermissionDenied:
		return "Ask for the roles that services/pipelinectl/README.md, Permissions, gives to whoever runs this command."
	}
	return "Check the network's way to " + service + ", or to the address in the environment, and ask again."
}
