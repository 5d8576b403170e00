// Command lint is the analyzers that .ci/run holds the code to beyond those of `go vet` and
// staticcheck. It is a tool for `go vet -vettool`, which remembers the result of each package.
//
// None of them looks into other packages or builds SSA: those that do (nilness, unusedwrite,
// bodyclose) would be run over every dependency, take as long as all of these, and find little
// that staticcheck does not.
//
// Its module is not part of the workspace, so that nothing of it gets into the go.mod of a service.
package main

import (
	"codeberg.org/polyfloyd/go-errorlint/errorlint"
	"github.com/gordonklaus/ineffassign/pkg/ineffassign"
	"go-simpler.org/sloglint"
	"golang.org/x/tools/go/analysis/passes/deepequalerrors"
	"golang.org/x/tools/go/analysis/passes/reflectvaluecompare"
	"golang.org/x/tools/go/analysis/passes/sortslice"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	unitchecker.Main(
		deepequalerrors.Analyzer, // errors are not compared by reflect.DeepEqual
		errorlint.NewAnalyzer(),  // errors are compared so that one more wrapping changes nothing
		ineffassign.Analyzer,     // a value that is assigned is read
		reflectvaluecompare.Analyzer,
		sloglint.New(&sloglint.Options{
			StaticMessage:    true,    // values stand in attributes, not in the message
			ContextOnly:      "scope", // the context is passed wherever there is one: it has the trace
			NoMixedArguments: true,
			KeyNamingCase:    "snake",
		}),
		sortslice.Analyzer, // sort.Slice is given a slice
	)
}
