package embedded

import (
	"google.golang.org/api/option"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// ProjectID is the project that owns every resource.
func (c *Cloud) ProjectID() string { return c.project }

// PubSubOptions lead a client of Pub/Sub (pubsub.NewClient, pubsub's apiv1) here.
func (c *Cloud) PubSubOptions() []option.ClientOption {
	return cloud.GRPCOptions(c.Endpoints().PubSubHost)
}

// StorageOptions lead a client of Cloud Storage (storage.NewClient) here.
func (c *Cloud) StorageOptions() []option.ClientOption {
	return cloud.RESTOptions(c.Endpoints().StorageHost, "/storage/v1/")
}

// BigQueryOptions lead a client of BigQuery (bigquery.NewClient) here.
func (c *Cloud) BigQueryOptions() []option.ClientOption {
	return cloud.RESTOptions(c.Endpoints().BigQueryHost, "/bigquery/v2/")
}

// BigQueryStorageOptions lead clients of BigQuery's Storage APIs here
// (managedwriter.NewClient, bigquery's EnableStorageReadClient).
func (c *Cloud) BigQueryStorageOptions() []option.ClientOption {
	return cloud.GRPCOptions(c.Endpoints().BigQueryStorageEndpoint)
}

// Environ is what leads clients in other processes here, and in languages that read
// these variables, as "name=value":
//
//	command.Env = append(os.Environ(), cloud.Environ()...)
func (c *Cloud) Environ() []string {
	at := c.Endpoints()
	return []string{
		"GOOGLE_CLOUD_PROJECT=" + c.project,
		"PUBSUB_EMULATOR_HOST=" + at.PubSubHost,
		"STORAGE_EMULATOR_HOST=http://" + at.StorageHost, // the form that all of Google's clients take
		"BIGQUERY_EMULATOR_HOST=http://" + at.BigQueryHost,
		"BIGQUERY_STORAGE_GRPC_ENDPOINT=" + at.BigQueryStorageEndpoint,
	}
}
