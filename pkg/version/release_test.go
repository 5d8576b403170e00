package version

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/zackkki/ecomm_datapipeline"

// repository is a Git repository of the test's own with what a release is made of.
type repository struct {
	dir string
	env []string
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	r := &repository{dir: t.TempDir()}
	r.env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "BUF=true",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	for _, folder := range []string{".ci", "proto"} {
		if err := os.CopyFS(filepath.Join(r.dir, folder), os.DirFS(filepath.Join("..", "..", folder))); err != nil {
			t.Fatal(err)
		}
	}
	r.write(t, "CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n")
	r.git(t, "init", "-q", "-b", "main")
	r.commit(t)
	return r
}

func (r *repository) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (r *repository) commit(t *testing.T) {
	t.Helper()
	r.git(t, "add", "-A")
	r.git(t, "commit", "-q", "-m", "Change")
}

func (r *repository) git(t *testing.T, args ...string) string {
	t.Helper()
	text, err := r.run("git", args...)
	if err != nil {
		t.Fatalf("git %s: %v: %s", args, err, text)
	}
	return strings.TrimSpace(text)
}

func (r *repository) run(name string, args ...string) (string, error) {
	command := exec.Command(name, args...)
	command.Dir, command.Env = r.dir, r.env
	text, err := command.CombinedOutput()
	return string(text), err
}

// TestRelease makes a release, and gets the messages of it as a consumer does.
func TestRelease(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	if text, err := r.run("./.ci/release", "v1.2.3"); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if got := r.git(t, "tag", "--points-at", "HEAD"); got != "proto/v1.2.3\nv1.2.3" {
		t.Errorf("tags of the release: %q", got)
	}
	if left := r.git(t, "status", "--porcelain"); left != "" {
		t.Errorf("left uncommitted: %s", left)
	}
	changelog, err := os.ReadFile(filepath.Join(r.dir, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	date := r.git(t, "log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%d")
	_, after, found := strings.Cut(string(changelog), "## [Unreleased]\n\n## [1.2.3] - ")
	if !found || !strings.HasSuffix(after, "\n\n### Added\n\n- A thing.\n") {
		t.Errorf("changelog of %s:\n%s", date, changelog)
	}

	consumer := &repository{dir: t.TempDir(), env: append(r.env,
		"GOFLAGS=-mod=mod -modcacherw", "GOWORK=off", "GOPRIVATE="+module, "GOMODCACHE="+t.TempDir(), "GIT_ALLOW_PROTOCOL=file",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.file://"+r.dir+".insteadOf", "GIT_CONFIG_VALUE_0=https://"+module)}
	text, err := consumer.run("go", "mod", "download", "-json", module+"/proto@v1.2.3")
	var got struct{ Version, Dir, Error string }
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if err != nil || got.Error != "" || got.Version != "v1.2.3" {
		t.Fatalf("go get of the messages: %v: %s", err, text)
	}
	if _, err := os.Stat(filepath.Join(got.Dir, "ecommerce")); err != nil {
		t.Errorf("the module has no messages: %v", err)
	}
}

// TestNoRelease: what cannot be released changes nothing.
func TestNoRelease(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		version string
		spoil   func(*testing.T, *repository)
		want    string
	}{
		"no version":       {version: "1.2.3", want: "is not of the form"},
		"leading zero":     {version: "v1.02.3", want: "is not of the form"},
		"another path":     {version: "v2.0.0", want: "has no /v2"},
		"changes":          {version: "v1.2.3", want: "the tree has changes", spoil: func(t *testing.T, r *repository) { r.write(t, "new", "") }},
		"tagged":           {version: "v1.2.3", want: "the tag v1.2.3 exists", spoil: func(t *testing.T, r *repository) { r.git(t, "tag", "v1.2.3") }},
		"messages tagged":  {version: "v1.2.3", want: "the tag proto/v1.2.3 exists", spoil: func(t *testing.T, r *repository) { r.git(t, "tag", "proto/v1.2.3") }},
		"nothing new":      {version: "v1.2.3", want: "nothing under", spoil: func(t *testing.T, r *repository) { r.write(t, "CHANGELOG.md", "## [Unreleased]\n"); r.commit(t) }},
		"no changelog":     {version: "v1.2.3", want: "no section", spoil: func(t *testing.T, r *repository) { r.write(t, "CHANGELOG.md", "# Changes\n"); r.commit(t) }},
		"messages invalid": {version: "v1.2.3", want: "nothing was changed", spoil: func(_ *testing.T, r *repository) { r.env = append(r.env, "BUF=false") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			if tt.spoil != nil {
				tt.spoil(t, r)
			}
			state := func() string {
				return r.git(t, "rev-parse", "HEAD") + r.git(t, "tag") + r.git(t, "status", "--porcelain")
			}
			before := state()
			text, err := r.run("./.ci/release", tt.version)
			if err == nil || !strings.Contains(text, tt.want) {
				t.Errorf("%v: %q does not say %q", err, text, tt.want)
			}
			if after := state(); after != before {
				t.Errorf("before %q, after %q", before, after)
			}
		})
	}
}
