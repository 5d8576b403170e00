// Cost prints the page that says what the pipeline costs in a month on Google Cloud:
//
//	go run ./monitoring/cost > monitoring/cost.md
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/page"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		os.Exit(1)
	}
}

// run writes nothing unless it can write all of the page.
func run() error {
	var text bytes.Buffer
	if err := page.Write(&text); err != nil {
		return err
	}
	_, err := os.Stdout.Write(text.Bytes())
	return err
}
