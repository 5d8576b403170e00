// Package cloud opens Google's clients. It is the only place that knows whether
// the cloud is the real one: an endpoint in the configuration points a client at
// an embedded cloud, and without one the client finds the real service and its
// default credentials.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/pubsub/v2"
	pubsubapi "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2"
	resourcemanager "google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/api/monitoring/v3"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
)

// Config names the project's resources and, for an embedded cloud, its endpoints.
type Config struct {
	ProjectID string `envconfig:"PROJECT_ID" desc:"Google Cloud project"`
	Location  string `envconfig:"LOCATION" default:"us-central1" desc:"Location of every resource"`
	Dataset   string `envconfig:"DATASET" default:"ecommerce_data" desc:"BigQuery dataset"`
	Bucket    string `envconfig:"BUCKET" desc:"Cloud Storage bucket of the files"`

	PubSubHost              string `envconfig:"PUBSUB_EMULATOR_HOST" desc:"host:port of an embedded Pub/Sub; empty: the real one"`
	StorageHost             string `envconfig:"STORAGE_EMULATOR_HOST" desc:"host:port of an embedded Cloud Storage; empty: the real one"`
	BigQueryHost            string `envconfig:"BIGQUERY_EMULATOR_HOST" desc:"host:port of an embedded BigQuery (REST); empty: the real one"`
	BigQueryStorageEndpoint string `envconfig:"BIGQUERY_STORAGE_GRPC_ENDPOINT" desc:"host:port of an embedded BigQuery Storage API (gRPC); empty: the real one"`
	ResourceManagerHost     string `envconfig:"RESOURCE_MANAGER_EMULATOR_HOST" desc:"host:port of an embedded Resource Manager, which pipelinectl asks about the project's policy; empty: the real one"`
	MonitoringHost          string `envconfig:"MONITORING_EMULATOR_HOST" desc:"host:port of an embedded Cloud Monitoring, which pipelinectl asks about subscriptions; empty: the real one, or none beside an embedded Pub/Sub"`
}

// Validate names the variables at fault.
func (c Config) Validate() error {
	return config.Join(
		config.Required("PROJECT_ID", c.ProjectID),
		config.Required("LOCATION", c.Location),
		config.Required("DATASET", c.Dataset),
		config.Required("BUCKET", c.Bucket),
	)
}

// Project is ProjectID.
func (c Config) Project() string { return c.ProjectID }

// NewPubSub opens a Pub/Sub client.
func (c Config) NewPubSub(ctx context.Context) (*pubsub.Client, error) {
	client, err := pubsub.NewClientWithConfig(ctx, c.ProjectID, &pubsub.ClientConfig{
		TopicAdminCallOptions: &pubsubapi.TopicAdminCallOptions{Publish: []gax.CallOption{gax.WithRetry(publishRetryer)}},
	}, append(GRPCOptions(c.PubSubHost), option.WithGRPCDialOption(grpc.WithChainStreamInterceptor(steadyPull)))...)
	if err != nil {
		return nil, fmt.Errorf("open the Pub/Sub client: %w", err)
	}
	return client, nil
}

// NewSchemas opens a client of Pub/Sub's schemas.
func (c Config) NewSchemas(ctx context.Context) (*pubsubapi.SchemaClient, error) {
	client, err := pubsubapi.NewSchemaClient(ctx, GRPCOptions(c.PubSubHost)...)
	if err != nil {
		return nil, fmt.Errorf("open the client of Pub/Sub's schemas: %w", err)
	}
	return client, nil
}

// NewStorage opens a Cloud Storage client.
func (c Config) NewStorage(ctx context.Context) (*storage.Client, error) {
	client, err := storage.NewClient(ctx, RESTOptions(c.StorageHost, "/storage/v1/")...)
	if err != nil {
		return nil, fmt.Errorf("open the Cloud Storage client: %w", err)
	}
	client.SetRetry(storage.WithBackoff(Backoff()))
	return client, nil
}

// NewBigQuery opens a BigQuery client whose jobs run in Location.
func (c Config) NewBigQuery(ctx context.Context) (*bigquery.Client, error) {
	client, err := bigquery.NewClient(ctx, c.ProjectID, RESTOptions(c.BigQueryHost, "/bigquery/v2/")...)
	if err != nil {
		return nil, fmt.Errorf("open the BigQuery client: %w", err)
	}
	client.Location = c.Location
	return client, nil
}

// NewWriteAPI opens a client of the Storage Write API. The client keeps ctx, so
// it must outlive the last append.
func (c Config) NewWriteAPI(ctx context.Context) (*managedwriter.Client, error) {
	client, err := managedwriter.NewClient(ctx, c.ProjectID, GRPCOptions(c.BigQueryStorageEndpoint)...)
	if err != nil {
		return nil, fmt.Errorf("open the Storage Write client: %w", err)
	}
	return client, nil
}

// NewResourceManager opens a client of Resource Manager, which keeps the project's
// own policy. With an embedded cloud it must be embedded too: a policy that is meant
// for that must not be written to a real project.
func (c Config) NewResourceManager(ctx context.Context) (*resourcemanager.Service, error) {
	if c.PubSubHost != "" && c.ResourceManagerHost == "" {
		return nil, errors.New("PUBSUB_EMULATOR_HOST names an embedded cloud, and RESOURCE_MANAGER_EMULATOR_HOST does not: set both or neither")
	}
	client, err := resourcemanager.NewService(ctx, RESTOptions(c.ResourceManagerHost, "/")...)
	if err != nil {
		return nil, fmt.Errorf("open the Resource Manager client: %w", err)
	}
	return client, nil
}

// ErrNoMonitoring is an embedded cloud without Cloud Monitoring: the real one knows nothing of it.
var ErrNoMonitoring = errors.New("the embedded Pub/Sub reports to no Cloud Monitoring (MONITORING_EMULATOR_HOST)")

// NewMonitoring opens a client of Cloud Monitoring, or gives ErrNoMonitoring.
func (c Config) NewMonitoring(ctx context.Context) (*monitoring.Service, error) {
	if c.PubSubHost != "" && c.MonitoringHost == "" {
		return nil, ErrNoMonitoring
	}
	client, err := monitoring.NewService(ctx, RESTOptions(c.MonitoringHost, "/")...)
	if err != nil {
		return nil, fmt.Errorf("open the Cloud Monitoring client: %w", err)
	}
	return client, nil
}

// TableName is a table's full resource name for the Storage Write API.
func (c Config) TableName(table string) string {
	return managedwriter.TableParentFromParts(c.ProjectID, c.Dataset, table)
}

// GRPCOptions lead a client over gRPC to an embedded service; an empty host is the real one.
func GRPCOptions(host string) []option.ClientOption {
	reconnect := option.WithGRPCDialOption(grpc.WithConnectParams(connectParams()))
	if host == "" {
		return []option.ClientOption{reconnect}
	}
	return []option.ClientOption{
		reconnect,
		option.WithEndpoint(host),
		option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithTelemetryDisabled(),
	}
}

// RESTOptions lead a client over HTTP to an embedded service; an empty host is the real
// one. The clients resolve their calls against the base path.
func RESTOptions(host, basePath string) []option.ClientOption {
	if host == "" {
		return nil
	}
	// STORAGE_EMULATOR_HOST is often written as a URL.
	host = strings.TrimSuffix(strings.TrimPrefix(host, "http://"), "/")
	return []option.ClientOption{
		option.WithEndpoint("http://" + host + basePath),
		option.WithoutAuthentication(),
		option.WithTelemetryDisabled(),
	}
}
