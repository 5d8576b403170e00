package warehouse

import (
	"maps"
	"strings"
	"testing"
)

func TestLabels(t *testing.T) {
	t.Parallel()
	got := labels("pipelinectl", "Doctor", "doctor/Größe of it_1"+strings.Repeat("x", 100))
	want := map[string]string{"service": "pipelinectl", "task": "doctor", "statement": "gr--e-of-it_1" + strings.Repeat("x", 50)}
	if !maps.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
}
