package embedded

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestOtherModule has another module import this package by the commands that CLIENTS.md
// gives, and runs its tests.
func TestOtherModule(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../CLIENTS.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("(?s)<!-- other module -->\n```sh\ngit clone [^\n]*\n(.*?)```").FindSubmatch(page)
	if commands == nil {
		t.Fatal("CLIENTS.md has no commands for another module")
	}
	repository, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	module := filepath.Join(parent, "shop")
	if err := os.CopyFS(module, os.DirFS("testdata/othermodule")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(repository, filepath.Join(parent, "ecomm_datapipeline")); err != nil { // the clone
		t.Fatal(err)
	}
	script := exec.CommandContext(t.Context(), "sh", "-e", "-c", "go mod init example.com/shop\n"+string(commands[1]))
	script.Dir = module
	script.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := script.CombinedOutput(); err != nil || !strings.Contains(string(out), "ok  \texample.com/shop") {
		t.Errorf("%v\n%s", err, out)
	}
}
