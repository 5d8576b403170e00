package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/version"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

// TestWrongWords: each is answered with what was meant, on one line, and status 2.
func TestWrongWords(t *testing.T) {
	t.Parallel()
	cloud := []string{"--project", "p", "--bucket", "b"}
	for line, want := range map[string]string{
		"versoin":                         `pipelinectl has no command "versoin"; did you mean pipelinectl version?`,
		"Provision":                       `did you mean pipelinectl provision?`,
		"prov":                            `did you mean pipelinectl provision?`,
		"reproces":                        `did you mean pipelinectl reprocess?`,
		"sql":                             `did you mean pipelinectl query?`,
		"health":                          `did you mean pipelinectl doctor?`,
		"suggest":                         `did you mean pipelinectl source suggest?`,
		"generate oders":                  `pipelinectl generate has no command "oders"; did you mean pipelinectl generate orders?`,
		"source chek x":                   `did you mean pipelinectl source check?`,
		"help doctr":                      `did you mean pipelinectl doctor?`,
		"help source lst":                 `did you mean pipelinectl source list?`,
		"generate help":                   `did you mean pipelinectl help?`,
		"xyzzy":                           `pipelinectl has no command "xyzzy"; pipelinectl --help lists them`,
		"x":                               `pipelinectl --help lists them`,
		"doctor --cannary":                `did you mean --canary?`,
		"--versoin":                       `did you mean --version?`,
		"--zzzzzz":                        `flag provided but not defined: -zzzzzz (pipelinectl --help lists what there is)`,
		"version -o xml":                  `it is one of table, json, csv`,
		"version now":                     `pipelinectl version takes no argument, and "now" is one`,
		"release":                         `give at least one FILE_ID`,
		"reprocess":                       `give either FILE_IDs`,
		"reprocess --landed-date today":   `--landed-date "today"`,
		"replay":                          `give one SUBSCRIPTION`,
		"replay orders-validated.nobody":  `no subscription of the pipeline is named "orders-validated.nobody"`,
		"discard orders-validated.writer": `Required flag "reason" not set`,
		"query":                           `in quotes`,
		"query --file nowhere.sql":        `nowhere.sql`,
		"query SELECT --file a.sql":       `in quotes`,
		"files list --kind order":         `--kind is one of orders, products, customers, unknown, not "order"`,
		"upload":                          `give at least one file`,
		"generate orders --count 0":       `--count must be positive`,
		"generate orders --count many":    `invalid value "many"`,
		"generate orders --faults x":      `expected rule=share`,
		"doctor --canary-timeout soon":    `invalid value "soon"`,
		"bench --orders 0":                `must be positive`,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			stdout, _, err := execute(t, append(cloud[:len(cloud):len(cloud)], strings.Fields(line)...)...)
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %v, want %q on one line", err, want)
			}
			if usage.Status(err) != usage.StatusWrong || stdout != "" {
				t.Errorf("status %d, stdout %q; want 2 and nothing", usage.Status(err), stdout)
			}
		})
	}
	if _, _, err := execute(t, "--env-file", filepath.Join(t.TempDir(), "none"), "doctor"); err == nil || usage.Status(err) == 0 {
		t.Errorf("without a cloud: %v", err)
	}
}

// TestOtherWords: what people of other tools try first leads to a command that there is.
func TestOtherWords(t *testing.T) {
	t.Parallel()
	for word, line := range otherWords {
		root := Root()
		line, _, _ := strings.Cut(line, " -")
		cmd := root
		for _, name := range strings.Fields(line) {
			if cmd = cmd.Command(name); cmd == nil {
				t.Fatalf("%s: there is no command %s", word, line)
			}
		}
		typed := strings.Fields(word)
		for at := root; at != nil; typed = typed[1:] {
			if len(typed) == 0 {
				t.Errorf("%s is a command itself", word)
				break
			}
			at = at.Command(typed[0])
		}
		if _, _, err := execute(t, strings.Fields(word)...); err == nil || !strings.Contains(err.Error(), "did you mean pipelinectl "+line) {
			t.Errorf("%s is answered with %v, want %s", word, err, line)
		}
	}
}

// TestEveryCommand: each says what it is for, takes -o in every place of the line, and answers a slip
// of the pen with what was meant, and status 2.
func TestEveryCommand(t *testing.T) {
	t.Parallel()
	cloud := []string{"--project", "p", "--bucket", "b"}
	wrong := func(want string, args ...string) {
		t.Helper()
		stdout, _, err := execute(t, append(cloud[:len(cloud):len(cloud)], args...)...)
		if err == nil || usage.Status(err) != usage.StatusWrong || !strings.Contains(err.Error(), want) || stdout != "" {
			t.Errorf("%q: %v, printed %q; want status 2, %q and nothing on stdout", args, err, stdout, want)
		}
	}
	seen := 0
	usage.Every(Root(), func(cmd *cli.Command, path []string) {
		seen++
		if cmd.Usage == "" || strings.HasSuffix(cmd.Usage, ".") {
			t.Errorf("%q: usage %q", path, cmd.Usage)
		}
		if len(path) > 0 {
			slip := append(path[:len(path)-1:len(path)-1], cmd.Name+cmd.Name[len(cmd.Name)-1:])
			wrong("did you mean pipelinectl "+strings.Join(path, " ")+"?", slip...)
		}
		if len(cmd.Commands) > 0 {
			return
		}
		line := path[:len(path):len(path)]
		// Of a flag that there is, a wrong value is told first.
		wrong("table", append(line, "-o", "xml")...)
		wrong("--help lists what there is", append(line, "--zzzzzz")...)
		for _, flag := range cmd.Flags {
			if name := flag.Names()[0]; len(name) > 3 {
				wrong("did you mean --"+name+"?", append(line, "--"+name+name[len(name)-1:])...)
				break
			}
		}
		needed := slices.ContainsFunc(cmd.Flags, func(f cli.Flag) bool { r, ok := f.(cli.RequiredFlag); return ok && r.IsRequired() })
		if cmd.ArgsUsage == "" && !needed { // what is needed is told first
			wrong("takes no argument", append(line, "superfluous")...)
		}
	})
	if seen < 30 {
		t.Errorf("%d commands", seen)
	}
	if help, _, err := execute(t); err != nil || !strings.Contains(help, "status 0 if all is well, 1 if something was found or could not be done, 2 if it was used wrongly") {
		t.Errorf("the help tells no statuses: %v\n%s", err, help)
	}
}

// TestGuideNamesEveryCommand: the README tells of each command of the first level.
func TestGuideNamesEveryCommand(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range Root().Commands {
		if !regexp.MustCompile(`pipelinectl ` + cmd.Name + `\b`).Match(guide) {
			t.Errorf("the guide does not name pipelinectl %s", cmd.Name)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"--version"}, {"-v"}} {
		if out, _, err := execute(t, args...); err != nil || out != version.Line("pipelinectl")+"\n" {
			t.Errorf("%q: %q, %v", args, out, err)
		}
	}
	for format, want := range map[string]string{
		"json": `{"program":"pipelinectl","version":"` + version.String() + "\"}\n",
		"csv":  "program,version\npipelinectl,\"" + version.String() + "\"\n",
	} {
		for _, args := range [][]string{{"-o", format, "version"}, {"version", "--output", format}} {
			if out, _, err := execute(t, args...); err != nil || out != want {
				t.Errorf("%q: %q, %v", args, out, err)
			}
		}
	}
}

// TestHelp: no command, or a group of them, is a question what there is.
func TestHelp(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"": "operate the order pipeline", "help": "operate the order pipeline", "help source": "suggest", "help source check": "--source",
		"source": "suggest", "doctor -h": "--canary", "h doctor": "--canary",
	} {
		if out, _, err := execute(t, strings.Fields(line)...); err != nil || !strings.Contains(out, want) {
			t.Errorf("%q: error %v, printed %.200q", line, err, out)
		}
	}
}

// TestCompletion has each shell that is installed read its script, and asks what the scripts ask.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script, _, err := execute(t, "completion", shell)
		if err != nil || !strings.Contains(script, "pipelinectl") {
			t.Fatalf("%s: error %v, script %.200q", shell, err, script)
		}
		program, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		check := exec.CommandContext(t.Context(), program, "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s does not read its script: %v: %s", shell, err, out)
		}
	}
	for line, want := range map[string]string{"source": "suggest", "doctor --can": "--canary"} {
		out, _, err := execute(t, append(strings.Fields(line), "--generate-shell-completion")...)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%q: error %v, offers %q", line, err, out)
		}
	}
}
