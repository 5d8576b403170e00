package local

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

func TestFreePorts(t *testing.T) {
	t.Parallel()
	ports, err := FreePorts(20)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ports)
	if len(slices.Compact(ports)) != 20 || ports[0] == 0 {
		t.Errorf("ports %v, want twenty different ones", ports)
	}
}

func TestAwaitReady(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	if err := AwaitReady(t.Context(), server.URL, nil); err != nil || asked != 3 {
		t.Errorf("ready after %d questions: %v, want 3", asked, err)
	}
	asked = -1 << 30
	ended := make(chan struct{})
	close(ended)
	if err := AwaitReady(t.Context(), server.URL, ended); err == nil {
		t.Error("a program that has ended is ready")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := AwaitReady(over, server.URL, nil); err == nil {
		t.Error("ready, though nobody waits any more")
	}
}

func TestReadEndpoints(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "endpoints.env")
	text := "PROJECT_ID=p\nLOCATION=l\nDATASET=d\nBUCKET=b\nPUBSUB_EMULATOR_HOST=127.0.0.1:1\nDASHBOARD_URL=http://127.0.0.1:2?a=b\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, dashboard, err := ReadEndpoints(path)
	if err != nil {
		t.Fatal(err)
	}
	if dashboard != "http://127.0.0.1:2?a=b" {
		t.Errorf("dashboard %q", dashboard)
	}
	want := cloud.Config{ProjectID: "p", Location: "l", Dataset: "d", Bucket: "b", PubSubHost: "127.0.0.1:1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
