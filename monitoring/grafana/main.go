// Grafana prints the dashboard for Grafana, as its import and its provisioning take it:
//
//	go run ./monitoring/grafana > monitoring/dashboard.json
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/zackkki/ecomm_datapipeline/monitoring/grafana/dashboard"
)

func main() {
	text, err := render()
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "grafana:", err)
		os.Exit(1)
	}
}

func render() ([]byte, error) {
	board, err := dashboard.Build()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(board, "", "  ")
	return append(text, '\n'), err
}
