package config

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

func TestReadFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, err string
		want      map[string]string
	}{
		"nothing":  {want: map[string]string{}},
		"lines":    {text: "# a comment\n\n  A=1 \nB=x=y\r\nC=", want: map[string]string{"A": "1", "B": "x=y", "C": ""}},
		"no value": {text: "A=1\nB\n", err: ":2: expected NAME=VALUE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file.env")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := ReadFile(path)
			if test.err != "" {
				if err == nil || err.Error() != path+test.err {
					t.Errorf("error %v, want %s%s", err, path, test.err)
				}
				return
			}
			if err != nil || !maps.Equal(got, test.want) {
				t.Errorf("%q, %v, want %q", got, err, test.want)
			}
		})
	}
}
