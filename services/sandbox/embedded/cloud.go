// Package embedded is a Google Cloud in this process: Pub/Sub, Cloud Storage,
// BigQuery and what is needed of Resource Manager and Cloud Monitoring as servers, each speaking the real
// service's wire protocol over an embedded engine, all state in one folder.
//
// A test starts one with Start, which ends with the test; a program with Open:
//
//	cloud := embedded.Start(t)
//	client, err := storage.NewClient(t.Context(), cloud.StorageOptions()...)
//
// Google's clients then work as they do with the real services: an object that is
// uploaded notifies a topic, rows that are appended can be queried. SetFaults has
// calls fail on demand.
//
// What each of them serves, and where it differs from the real service, stands in
// the package comments of pubsubfront, storagefront and bigqueryfront. What is not
// served is refused by name. CLIENTS.md beside this folder has a line for each client,
// and says how another module imports this package.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/faults"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/monitoring"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/resourcemanager"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront"
)

// Config says where the cloud keeps its state and listens.
type Config struct {
	// Dir holds all state, which the next cloud in it finds again; it is made if it does not exist.
	Dir string
	// ProjectID owns every resource; empty: DefaultProject.
	ProjectID string
	// Host is the name that clients on other machines call it by; empty: there are none.
	Host string
	// Addresses to listen on, host:port; port 0 and an empty address are any free port of this machine.
	PubSubAddr, StorageAddr, BigQueryAddr, BigQueryStorageAddr string
	// Faults makes the cloud misbehave by its plan of the moment; nil: by what SetFaults is told.
	Faults *faults.Injector
	// BigQueryLatency passes before each statement of a query job.
	BigQueryLatency time.Duration
	// Log is told what goes wrong; nil discards it.
	Log *slog.Logger
}

// DefaultProject owns the resources of a cloud whose configuration names no project.
const DefaultProject = "embedded-project"

// withDefaults fills in what may be left out.
func (c Config) withDefaults() Config {
	if c.ProjectID == "" {
		c.ProjectID = DefaultProject
	}
	for _, addr := range []*string{&c.PubSubAddr, &c.StorageAddr, &c.BigQueryAddr, &c.BigQueryStorageAddr} {
		if *addr == "" {
			*addr = "127.0.0.1:0"
		}
	}
	if c.Faults == nil {
		c.Faults = new(faults.Injector)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Cloud is a running embedded cloud.
type Cloud struct {
	pubsub   *pubsubfront.Server
	storage  *storagefront.Server
	bigquery *bigqueryfront.Server
	faults   *faults.Injector
	project  string
	host     string
}

// Open starts the services; they are ready when it returns, and serve until Close. The
// context bounds the start alone.
func Open(ctx context.Context, cfg Config) (_ *Cloud, err error) {
	if cfg.Dir == "" {
		return nil, errors.New("embedded: Config.Dir is empty")
	}
	cfg = cfg.withDefaults()
	c := &Cloud{project: cfg.ProjectID, host: cfg.Host, faults: cfg.Faults}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	pubsubLog, storageLog, bigqueryLog := cfg.Log.With("front", "pubsub"), cfg.Log.With("front", "storage"), cfg.Log.With("front", "bigquery")
	if c.pubsub, err = pubsubfront.Start(ctx, pubsubfront.Config{
		Dir: filepath.Join(cfg.Dir, "pubsub"), Addr: cfg.PubSubAddr, Logger: pubsubLog,
		Interceptors: slices.Concat(recovering(pubsubLog), cfg.Faults.GRPC("pubsub")), Twice: cfg.Faults.Twice, Again: cfg.Faults.Again,
	}); err != nil {
		return nil, fmt.Errorf("start the embedded Pub/Sub: %w", err)
	}
	if c.storage, err = storagefront.Start(ctx, storagefront.Config{
		Dir: filepath.Join(cfg.Dir, "storage"), Addr: cfg.StorageAddr, Host: cfg.Host, Notifier: c.pubsub, Logger: storageLog,
		Middleware: func(next http.Handler) http.Handler { return recoveringHTTP(storageLog, cfg.Faults.Storage(next)) },
	}); err != nil {
		return nil, fmt.Errorf("start the embedded Cloud Storage: %w", err)
	}
	project, err := resourcemanager.NewHandler(filepath.Join(cfg.Dir, "project"), cfg.ProjectID, cfg.Log.With("front", "resourcemanager"))
	if err != nil {
		return nil, fmt.Errorf("start the embedded Resource Manager: %w", err)
	}
	metrics := monitoring.NewHandler(cfg.ProjectID, c.pubsub.Backlogs, time.Now, cfg.Log.With("front", "monitoring"))
	if c.bigquery, err = bigqueryfront.Start(ctx, bigqueryfront.Config{
		Dir: filepath.Join(cfg.Dir, "bigquery"), RESTAddr: cfg.BigQueryAddr, GRPCAddr: cfg.BigQueryStorageAddr,
		ProjectID: cfg.ProjectID, Logger: bigqueryLog,
		Middleware: func(next http.Handler) http.Handler {
			return recoveringHTTP(bigqueryLog, withSmall(project, metrics, cfg.Faults.BigQuery(next)))
		},
		ServerOptions: slices.Concat(recovering(bigqueryLog), cfg.Faults.GRPC("bigquery")),
		JobPanics: func(ctx context.Context, jobID string, cause any) {
			logPanic(ctx, bigqueryLog, "query job "+jobID, cause)
		},
		JobFaults: cfg.Faults.Job, Latency: cfg.BigQueryLatency, Bucket: c.storage,
	}); err != nil {
		return nil, fmt.Errorf("start the embedded BigQuery: %w", err)
	}
	return c, nil
}

// withSmall has Resource Manager and Cloud Monitoring served where BigQuery's REST API is:
// they are too small for ports of their own, and the paths do not meet.
func withSmall(project, metrics, bigquery http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, resourcemanager.Path) && strings.HasSuffix(r.URL.Path, monitoring.Path):
			metrics.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, resourcemanager.Path):
			project.ServeHTTP(w, r)
		default:
			bigquery.ServeHTTP(w, r)
		}
	})
}

// Endpoints is the configuration that points Google's clients on this machine at
// this cloud.
func (c *Cloud) Endpoints() cloud.Config { return c.endpoints(loopback) }

// Advertised is Endpoints for clients on other machines, if there may be any.
func (c *Cloud) Advertised() cloud.Config {
	if c.host == "" {
		return c.Endpoints()
	}
	return c.endpoints(func(addr string) string {
		_, port, _ := net.SplitHostPort(addr)
		return net.JoinHostPort(c.host, port)
	})
}

// loopback is an address to dial for one that is listened on, which may be that
// of all interfaces.
func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

func (c *Cloud) endpoints(at func(string) string) cloud.Config {
	return cloud.Config{
		ProjectID:               c.project,
		Location:                "us-central1",
		Dataset:                 "ecommerce_data",
		Bucket:                  c.project + "-data-pipeline",
		PubSubHost:              at(c.pubsub.Addr()),
		StorageHost:             at(c.storage.Addr()),
		BigQueryHost:            at(c.bigquery.RESTAddr()),
		BigQueryStorageEndpoint: at(c.bigquery.GRPCAddr()),
		ResourceManagerHost:     at(c.bigquery.RESTAddr()),
		MonitoringHost:          at(c.bigquery.RESTAddr()),
	}
}

// Backlogs are those of Pub/Sub's subscriptions.
func (c *Cloud) Backlogs(ctx context.Context) ([]pubsubfront.Backlog, error) {
	return c.pubsub.Backlogs(ctx)
}

// Close stops the services in the reverse order and makes their state durable.
func (c *Cloud) Close() error {
	var faults []error
	if c.bigquery != nil {
		faults = append(faults, c.bigquery.Close())
	}
	if c.storage != nil {
		faults = append(faults, c.storage.Close())
	}
	if c.pubsub != nil {
		faults = append(faults, c.pubsub.Close())
	}
	return errors.Join(faults...)
}
