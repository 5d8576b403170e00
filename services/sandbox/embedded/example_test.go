package embedded_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/embedded"
)

// A program has a cloud of its own, whose state it could keep.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "cloud")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cloud, err := embedded.Open(ctx, embedded.Config{Dir: dir, ProjectID: "shop"})
	if err != nil {
		log.Fatal(err)
	}
	defer cloud.Close()

	client, err := storage.NewClient(ctx, cloud.StorageOptions()...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	bucket := client.Bucket("letters")
	if err := bucket.Create(ctx, cloud.ProjectID(), nil); err != nil {
		log.Fatal(err)
	}
	w := bucket.Object("first").NewWriter(ctx)
	fmt.Fprint(w, "Dear reader")
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	r, err := bucket.Object("first").NewReader(ctx)
	if err != nil {
		log.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
	// Output: Dear reader
}
