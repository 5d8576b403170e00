package bigqueryfront_test

import (
	"context"
	"errors"
	"math/big"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront"
)

const (
	project = "ecomm-local"
	dataset = "shop"
)

// front is a target with the official clients, and a dataset of its own.
type front struct {
	server  *bigqueryfront.Server // nil for the real BigQuery
	client  *bigquery.Client
	dir     string
	project string
	dataset string
}

func start(t testing.TB, dir string) *front {
	t.Helper()
	return startConfigured(t, bigqueryfront.Config{Dir: dir})
}

// startConfigured fills in where to listen.
func startConfigured(t testing.TB, config bigqueryfront.Config) *front {
	t.Helper()
	config.RESTAddr, config.GRPCAddr, config.ProjectID = "127.0.0.1:0", "127.0.0.1:0", project
	s, err := bigqueryfront.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{server: s, dir: config.Dir, project: project, dataset: dataset}
	if f.client, err = f.newClient(t); err != nil {
		t.Fatal(err)
	}
	return f
}

// newClient is another client of the server.
func (f *front) newClient(t testing.TB) (*bigquery.Client, error) {
	return bigquery.NewClient(t.Context(), project, option.WithEndpoint("http://"+f.server.RESTAddr()+"/bigquery/v2/"), option.WithoutAuthentication())
}

func (f *front) close(t testing.TB) {
	t.Helper()
	if err := errors.Join(f.client.Close(), f.server.Close()); err != nil {
		t.Error(err)
	}
}

// newFront starts a front with an empty dataset.
func newFront(t testing.TB) *front {
	t.Helper()
	f := start(t, t.TempDir())
	t.Cleanup(func() { f.close(t) })
	if err := f.client.Dataset(f.dataset).Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return f
}

// storageOptions are those of clients of the Storage APIs.
func (f *front) storageOptions() []option.ClientOption {
	if f.server == nil {
		return nil
	}
	return []option.ClientOption{option.WithEndpoint(f.server.GRPCAddr()), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
}

func (f *front) writer(t testing.TB) *managedwriter.Client {
	t.Helper()
	c, err := managedwriter.NewClient(t.Context(), f.project, f.storageOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// query runs a statement and returns its rows, or an error.
func (f *front) query(ctx context.Context, sql string, params ...bigquery.QueryParameter) ([][]bigquery.Value, error) {
	q := f.client.Query(sql)
	q.DefaultProjectID, q.DefaultDatasetID = f.project, f.dataset
	q.Parameters = params
	it, err := q.Read(ctx)
	if err != nil {
		return nil, err
	}
	return readAll(it)
}

func readAll(it *bigquery.RowIterator) ([][]bigquery.Value, error) {
	var rows [][]bigquery.Value
	for {
		var row []bigquery.Value
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
}

func (f *front) mustQuery(t testing.TB, sql string, params ...bigquery.QueryParameter) [][]bigquery.Value {
	t.Helper()
	rows, err := f.query(t.Context(), sql, params...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

func apiError(err error) *googleapi.Error {
	e, ok := errors.AsType[*googleapi.Error](err)
	if !ok {
		return &googleapi.Error{Code: -1, Message: "no API error"}
	}
	return e
}

func reason(err error) string {
	if e := apiError(err); len(e.Errors) > 0 {
		return e.Errors[0].Reason
	}
	return ""
}

// equalRats compares NUMERIC values.
var equalRats = cmp.Comparer(func(a, b *big.Rat) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Cmp(b) == 0
})

func numeric(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil
	}
	return r
}
