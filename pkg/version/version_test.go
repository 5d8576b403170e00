package version

import (
	"runtime/debug"
	"testing"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	const commit = "0b0fb53a1d2e"
	for name, tt := range map[string]struct {
		stamp    string
		settings []debug.BuildSetting
		want     string
	}{
		"go run":    {want: "of an unknown commit, go1.26"},
		"a release": {stamp: "v1.2.3", settings: []debug.BuildSetting{{Key: "vcs.revision", Value: commit}}, want: "v1.2.3 commit " + commit + ", go1.26"},
		"a checkout with changes": {
			settings: []debug.BuildSetting{{Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: "true"}},
			want:     "commit " + commit + " with changes, go1.26",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := describe(tt.stamp, &debug.BuildInfo{GoVersion: "go1.26", Settings: tt.settings}); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
