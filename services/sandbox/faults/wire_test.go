package faults

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

func TestHTTP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, plan string
		want       string // status and body, or "cut"
		worked     int32
	}{
		{"no plan", "", "200 done", 1},
		{"another method", "storage.objects.get drop", "200 done", 1},
		{"refused", "storage.* fail unavailable", `503 {"error":{"code":503,"errors":[{"domain":"global","message":"Injected fault: fail of storage.objects.list.","reason":"backendError"}],"message":"Injected fault: fail of storage.objects.list.","status":"UNAVAILABLE"}}`, 0},
		{"forbidden", "storage.* fail permission_denied", `403 {"error":{"code":403,"errors":[{"domain":"global","message":"Injected fault: fail of storage.objects.list.","reason":"accessDenied"}],"message":"Injected fault: fail of storage.objects.list.","status":"PERMISSION_DENIED"}}`, 0},
		{"lost", "storage.* lost internal", `500 {"error":{"code":500,"errors":[{"domain":"global","message":"Injected fault: lost of storage.objects.list.","reason":"internalError"}],"message":"Injected fault: lost of storage.objects.list.","status":"INTERNAL"}}`, 1},
		{"refused for a reason", "storage.* fail jobInternalError", `400 {"error":{"code":400,"errors":[{"domain":"global","message":"Injected fault: fail of storage.objects.list.","reason":"jobInternalError"}],"message":"Injected fault: fail of storage.objects.list.","status":"INVALID_ARGUMENT"}}`, 0},
		{"cut off", "storage.* drop", "cut", 1},
		{"delayed", "storage.* delay 1ms", "200 done", 1},
		{"on another path", "storage.* drop on y*", "200 done", 1},
		{"on this path", "storage.* drop on ?", "cut", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var worked atomic.Int32
			server := httptest.NewServer(injector(t, c.plan).Storage(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				worked.Add(1)
				_, _ = io.WriteString(w, "done")
			})))
			t.Cleanup(server.Close)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/storage/v1/b/x/o", nil)
			if err != nil {
				t.Fatal(err)
			}
			got := "cut"
			// A connection of its own: on a used one the client would try again by itself.
			if response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request); err == nil {
				defer response.Body.Close()
				body, err := io.ReadAll(response.Body)
				if err != nil {
					t.Fatal(err)
				}
				got = response.Status[:3] + " " + string(body)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if worked.Load() != c.worked {
				t.Errorf("the work was done %d times, want %d", worked.Load(), c.worked)
			}
		})
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/storage/v1/b/x/o/landing%2Forders%2Fa.json?alt=media", "storage.objects.getMedia"},
		{"GET", "/storage/v1/b/x/o/landing%2Forders%2Fa.json?alt=json", "storage.objects.get"},
		{"GET", "/x/landing/orders/a.json", "storage.objects.getMedia"},
		{"POST", "/upload/storage/v1/b/x/o?uploadType=resumable", "storage.objects.insert"},
		{"PUT", "/upload/storage/v1/b/x/o?upload_id=1", "storage.objects.insert"},
		{"POST", "/storage/v1/b/x/o/a%2Fb/rewriteTo/b/y/o/c%2Fd", "storage.objects.rewrite"},
		{"DELETE", "/storage/v1/b/x/o/a", "storage.objects.delete"},
		{"POST", "/nowhere", "storage.other"},
		{"POST", "/bigquery/v2/projects/p/queries", "bigquery.jobs.query"},
		{"GET", "/bigquery/v2/projects/p/queries/j", "bigquery.jobs.getQueryResults"},
		{"PATCH", "/bigquery/v2/projects/p/datasets/d/tables/t", "bigquery.tables.patch"},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			t.Parallel()
			table := storageMethods
			if strings.HasPrefix(c.want, "bigquery") {
				table = bigqueryMethods
			}
			if got := table.name(httptest.NewRequest(c.method, c.path, nil)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// clock serves gRPC's health protocol: one unary method, and one that streams
// two answers and then waits for the client to leave.
type clock struct {
	grpc_health_v1.UnimplementedHealthServer
	worked atomic.Int32
}

func (c *clock) Check(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	c.worked.Add(1)
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

func (c *clock) Watch(_ *grpc_health_v1.HealthCheckRequest, stream grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]) error {
	c.worked.Add(1)
	for range 2 {
		if err := stream.Send(&grpc_health_v1.HealthCheckResponse{}); err != nil {
			return err
		}
	}
	return nil
}

func TestGRPC(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, plan string
		unary      codes.Code
		stream     codes.Code
		answers    int   // of the stream
		worked     int32 // by both
	}{
		{"no plan", "", codes.OK, codes.OK, 2, 2},
		{"another front", "storage.* fail aborted", codes.OK, codes.OK, 2, 2},
		{"refused", "test.* fail aborted", codes.Aborted, codes.Aborted, 0, 0},
		{"lost", "test.* lost deadline_exceeded", codes.DeadlineExceeded, codes.DeadlineExceeded, 0, 2},
		{"dropped", "test.Check drop; test.Watch drop first 2", codes.Unavailable, codes.Unavailable, 0, 1},
		{"refused once", "test.* fail internal first 1", codes.Internal, codes.Internal, 0, 0},
		{"delayed, then refused", "test.* delay 1ms; test.* fail internal", codes.Internal, codes.Internal, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			worker := &clock{}
			client := serve(t, injector(t, c.plan), worker)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
			if status.Code(err) != c.unary {
				t.Errorf("unary: %v, want %v", err, c.unary)
			}
			stream, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
			answers := 0
			for err == nil {
				if _, err = stream.Recv(); err == nil {
					answers++
				}
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			if status.Code(err) != c.stream || answers != c.answers {
				t.Errorf("stream: %d answers, %v, want %d, %v", answers, err, c.answers, c.stream)
			}
			if worker.worked.Load() != c.worked {
				t.Errorf("the work was done %d times, want %d", worker.worked.Load(), c.worked)
			}
		})
	}
}

func serve(t *testing.T, i *Injector, worker *clock) grpc_health_v1.HealthClient {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(i.GRPC("test")...)
	grpc_health_v1.RegisterHealthServer(server, worker)
	go func() { _ = server.Serve(listener) }() // ends with Stop
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return grpc_health_v1.NewHealthClient(conn)
}

func TestControl(t *testing.T) {
	t.Parallel()
	i := new(Injector)
	server := httptest.NewServer(http.HandlerFunc(i.Serve))
	t.Cleanup(server.Close)
	for _, step := range []struct{ method, body, want string }{
		{"GET", "", "200 "},
		{"PUT", "* explode", "400 rule \"* explode\": no effect is named \"explode\"\n"},
		{"PUT", "seed 5; a.* fail aborted", "200 seed 5\na.* fail aborted\t(struck 0 times)\n"},
		{"GET", "", "200 seed 5\na.* fail aborted\t(struck 3 times)\n"},
		{"DELETE", "", "200 "},
		{"GET", "", "200 "},
		{"PUT", strings.Repeat("#", maxPlan+1), "413 http: request body too large\n"},
		{"POST", "", "405 GET, PUT or DELETE\n"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), step.method, server.URL, strings.NewReader(step.body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, response.Status[:3]+" "+string(body)); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", step.method, step.body, diff)
		}
		if step.method == http.MethodPut && response.StatusCode == http.StatusOK {
			pattern(i, "a.x", 3)
		}
	}
}

// TestStruck: what was struck is counted across plans, with methods that were spared.
func TestStruck(t *testing.T) {
	t.Parallel()
	i := new(Injector)
	for _, text := range []string{"a.* fail aborted; a.y delay 1ns", "a.* fail aborted first 1; b.* fail aborted first 1"} {
		plan, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		i.Set(plan)
		for _, method := range []string{"a.x", "a.y", "a.y", "c.z"} {
			i.strike(method, fail, delay)
		}
	}
	i.Set(Plan{})
	i.strike("d.z", fail)
	recorder := httptest.NewRecorder()
	i.ServeStruck(recorder, nil)
	var got map[string]Kinds
	if err := json.NewDecoder(recorder.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := map[string]Kinds{"a.x": {"fail": 2}, "a.y": {"fail": 3, "delay": 2}, "c.z": {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("struck (-want +got):\n%s", diff)
	}
}
