// Statemap writes the dashboard's map of the US states from the file
// states-albers-10m.json of the npm package us-atlas: outlines from the US Census
// Bureau, projected for a map of 975 by 610 pixels, Alaska and Hawaii moved in.
// Run it when the package changes:
//
//	npm pack us-atlas@3.0.1 && tar xzf us-atlas-3.0.1.tgz
//	go run ./services/reporter/statemap package/states-albers-10m.json > services/reporter/web/assets/vendor/us-atlas/states.js
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: statemap states-albers-10m.json > states.js")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "statemap:", err)
		os.Exit(1)
	}
}

func run(path string, out io.Writer) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var atlas topology
	if err := json.Unmarshal(text, &atlas); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	states, err := atlas.states()
	if err != nil {
		return fmt.Errorf("draw %s: %w", path, err)
	}
	var js strings.Builder
	js.WriteString("// Made by services/reporter/statemap from us-atlas 3.0.1; see README.md. Lengths are tenths of its pixels.\n")
	fmt.Fprintf(&js, "export const VIEW_BOX = \"0 0 %d %d\";\n\nexport const STATES = {\n", width, height)
	for _, s := range states {
		fmt.Fprintf(&js, "  %s: { name: %q, at: [%d, %d], path: %q },\n", s.code, s.name, s.at.x, s.at.y, s.path)
	}
	js.WriteString("};\n")
	_, err = io.WriteString(out, js.String())
	return err
}
