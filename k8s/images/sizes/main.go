// Sizes builds the images' programs and prints how large they are, on disk and as they are
// pulled, for the table of k8s/README.md:
//
//	go run ./k8s/images/sizes
package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/zackkki/ecomm_datapipeline/k8s/images"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "sizes:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "images")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	programs, err := images.Build(ctx, "sandbox", dir) // which has all of them
	if err != nil {
		return err
	}
	var names []string
	for name := range programs {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Println("| image | binary, MiB | as pulled, MiB |\n|---|---|---|")
	for _, name := range names {
		info, err := os.Stat(programs[name])
		if err != nil {
			return err
		}
		pulled, err := images.Layer(programs[name])
		if err != nil {
			return err
		}
		const mib = 1 << 20
		fmt.Printf("| %s | %.1f | %.1f |\n", name, float64(info.Size())/mib, float64(pulled)/mib)
	}
	return nil
}
