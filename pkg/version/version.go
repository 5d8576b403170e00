// Package version says which build a program is.
package version

import (
	"cmp"
	"runtime/debug"
	"strings"
)

// stamp is the release, such as v1.2.3, where the build gives one:
//
//	go build -ldflags "-X github.com/zackkki/ecomm_datapipeline/pkg/version.stamp=v1.2.3" ./services/parser
var stamp string

// What every program says of its flag, and under its table of variables.
const (
	Flag  = "version"
	Usage = "print which build this is"
	Note  = "--" + Flag + " prints which build this is."
)

// Line is what the flag prints of a program.
func Line(program string) string { return program + " " + String() }

// unknown stands where neither the release nor the commit is known: of a program that was
// run by `go run`, or built outside of Git.
const unknown = "of an unknown commit"

// String is one line: the release, if the build was told one, the commit that it was built
// from, which Go's linker notes by itself, and the Go version.
func String() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(stamp, unknown)
	}
	return describe(stamp, info)
}

func describe(release string, info *debug.BuildInfo) string {
	setting := make(map[string]string)
	for _, s := range info.Settings {
		setting[s.Key] = s.Value
	}
	if main := info.Main.Version; release == "" && main != "(devel)" {
		release = main // by the module's tag, where no workspace is in use
	}
	commit := setting["vcs.revision"]
	if commit != "" {
		commit = "commit " + commit
	}
	if commit != "" && setting["vcs.modified"] == "true" {
		commit += " with changes"
	}
	text := strings.TrimSpace(release + " " + commit)
	return cmp.Or(text, unknown) + ", " + info.GoVersion
}
