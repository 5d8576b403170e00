package harness

import (
	"bytes"
	"io"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// Land uploads a file to landing/ and returns the object's generation.
func (p *Pipeline) Land(t *testing.T, name string, content []byte) int64 {
	t.Helper()
	return p.write(t, "landing/"+name, nil, content)
}

// Landed remembers what a test has landed, for the model.
type Landed struct {
	Sources []verify.Source
}

// Add lands a file and remembers it.
func (l *Landed) Add(t *testing.T, p *Pipeline, name string, content []byte) {
	t.Helper()
	generation := p.Land(t, name, content)
	l.Sources = append(l.Sources, verify.Source{
		Name: "landing/" + name, Generation: generation,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	})
}
