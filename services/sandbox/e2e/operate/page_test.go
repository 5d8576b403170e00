package operate

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v3"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/local"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/status"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/expect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

var update = flag.Bool("update", false, "write into the page of commands what they print")

const commandsPage = "../../../pipelinectl/COMMANDS.md"

// ownPipeline are the commands that the page does not show, as it says: they start programs of their own.
var ownPipeline = []string{"bench", "drill", "storm"}

// TestCommandsPage has an operator's shift as the page of commands tells it, and compares what each command
// prints with what the page shows. Every command is on the page.
func TestCommandsPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(commandsPage)
	if err != nil {
		t.Fatal(err)
	}
	s := startSession(t)
	var page strings.Builder
	shown, printed := &forms{ids: make(map[string]string)}, &forms{ids: make(map[string]string)}
	used := make(map[string]bool)
	rest := string(text)
	for {
		at := directive.FindStringSubmatchIndex(rest)
		if at == nil {
			page.WriteString(rest)
			break
		}
		page.WriteString(rest[:at[1]])
		verb, meanwhile, what := rest[at[2]:at[3]], "", rest[at[6]:at[7]]
		if at[4] >= 0 {
			meanwhile = rest[at[4]:at[5]]
		}
		rest = rest[at[1]:]
		if verb == "do" {
			s.do(t, what)
			continue
		}
		was := block.FindString(rest)
		rest = rest[len(was):]
		is := s.run(t, what, meanwhile)
		usage.Every(command.Root(), func(cmd *cli.Command, path []string) {
			if name := strings.Join(path, " "); len(cmd.Commands) == 0 && strings.HasPrefix(what+" ", name+" ") {
				used[name] = true
			}
		})
		page.WriteString(is)
		if got, want := printed.of(is), shown.of(was); !*update && got != want {
			t.Errorf("pipelinectl %s (-the page shows +it printed; -update writes the page):\n%s", what, cmp.Diff(want, got))
		}
	}
	if *update {
		if err := os.WriteFile(commandsPage, []byte(page.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	usage.Every(command.Root(), func(cmd *cli.Command, path []string) {
		if name := strings.Join(path, " "); len(cmd.Commands) == 0 && !used[name] && !slices.Contains(ownPipeline, name) {
			t.Errorf("the page does not show pipelinectl %s", name)
		}
	})
}

// What the page has in comments: commands that are run, with what they print behind them, and what happens in between.
var (
	directive = regexp.MustCompile(`(?m)^<!-- (run|do)(?: while ([a-z ]+))?: (.*) -->\n`)
	block     = regexp.MustCompile("\\A```console\n(?s:.*?)\n```\n")
)

// session is an operator's shell in a folder of its own, with a pipeline that keeps its state there.
type session struct {
	*letterbox
	folder, programs string
}

func startSession(t *testing.T) *session {
	t.Helper()
	folder, programs := t.TempDir(), t.TempDir()
	if err := local.Build(t.Context(), programs, os.Stderr, "pipelinectl"); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(folder, ".sandbox")
	export, err := os.ReadFile("../../../pipelinectl/suggest/testdata/ecwid.json")
	if err := errors.Join(err, os.Mkdir(state, 0o700), os.WriteFile(filepath.Join(folder, "shop-export.json"), export, 0o600),
		os.WriteFile(filepath.Join(folder, "expectations.yaml"), expect.Example(), 0o600)); err != nil {
		t.Fatal(err)
	}
	started, _ := harness.StartStack(t, harness.NewConfig(state, "all"))
	p := harness.Connect(t, started.Endpoints(), started.DashboardURL())
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return &session{&letterbox{p, client}, folder, programs}
}

// run types a command line into the shell, has something else happen meanwhile, and gives the block of the page:
// the line, what was printed, and the status if that is not 0.
func (s *session) run(t *testing.T, line, meanwhile string) string {
	t.Helper()
	line = "pipelinectl " + s.named(t, line)
	shell := exec.CommandContext(t.Context(), "sh", "-c", line)
	shell.Dir = s.folder
	// Nothing of this machine's own: the program finds the sandbox as it does in a folder.
	shell.Env = []string{"PATH=" + s.programs + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + s.folder}
	var printed bytes.Buffer
	shell.Stdout, shell.Stderr = &printed, &printed
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	if meanwhile != "" {
		s.do(t, meanwhile)
	}
	var status *exec.ExitError
	if err := shell.Wait(); errors.As(err, &status) {
		fmt.Fprintf(&printed, "$ echo $?\n%d\n", status.ExitCode())
	} else if err != nil {
		t.Fatal(err)
	}
	return "```console\n$ " + line + "\n" + strings.TrimRight(spaces.ReplaceAllString(printed.String(), ""), "\n") + "\n```\n"
}

var spaces = regexp.MustCompile(`(?m) +$`)

// named puts the ids of this run into a command line of the page.
func (s *session) named(t *testing.T, line string) string {
	t.Helper()
	return variable.ReplaceAllStringFunc(line, func(name string) string {
		if file := variable.FindStringSubmatch(name)[1]; file != "" {
			return s.FileID(t, "orders/"+file)
		}
		return s.MustQuery(t, "SELECT dead_letter_id FROM v_dead_letters")[0][0].(string)
	})
}

var variable = regexp.MustCompile(`\{(?:file (\S+)|letter)\}`)

// do is what happens to the pipeline between two commands.
func (s *session) do(t *testing.T, what string) {
	t.Helper()
	switch what {
	case "wait until all is quiet":
		s.quiet(t)
	case "publish a stray order":
		s.publish(t, stray(t), map[string]string{topology.AttrSchema: "ecommerce.orders.v1.Order"})
		s.await(t, 1)
	case "wait for the stray order again":
		s.await(t, 2)
	case "a file lands":
		harness.Await(t, "the command to look", func() (bool, error) { return s.looks(t) })
		s.Land(t, "orders/wednesday.jsonl", []byte(strings.ReplaceAll(harness.Version("W-1", 5, 9, "12.50", "failed"), "2026", "2025")))
	case "change a deadline":
		s.quiet(t)
		name := "projects/" + s.Endpoints.ProjectID + "/subscriptions/" + lettersOf
		if _, err := s.client.SubscriptionAdminClient.UpdateSubscription(t.Context(), &pubsubpb.UpdateSubscriptionRequest{
			Subscription: &pubsubpb.Subscription{Name: name, AckDeadlineSeconds: 11}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"ack_deadline_seconds"}},
		}); err != nil {
			t.Fatal(err)
		}
	case "lose the dataset":
		if err := s.Bigquery.Dataset(s.Endpoints.Dataset).DeleteWithContents(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustProvision(t, s.Endpoints, provision.Options{})
	default:
		t.Fatalf("nobody knows how to do: %s", what)
	}
}

// quiet waits until nothing is on its way and the services have processed every message.
func (s *session) quiet(t *testing.T) {
	t.Helper()
	harness.Await(t, "every message to be processed", func() (bool, error) {
		out, _, err := s.PipelinectlApart(t, "status", "-o", "json")
		if statusOf(err) == usage.StatusWrong {
			return false, err
		}
		var seen status.Status
		if err := json.Unmarshal([]byte(out), &seen); err != nil {
			return false, err
		}
		waiting := 0
		for _, stage := range seen.Files {
			waiting += int(stage.Files)
		}
		for _, subscription := range seen.Subscriptions {
			if slices.Contains(topology.Subscriptions(), subscription.ID) {
				waiting += int(subscription.Waiting)
			}
		}
		return waiting == 0 && len(seen.Subscriptions) > 0, nil
	})
}

// looks tells whether a tail has made its subscription.
func (s *session) looks(t *testing.T) (bool, error) {
	t.Helper()
	all := s.client.SubscriptionAdminClient.ListSubscriptions(t.Context(), &pubsubpb.ListSubscriptionsRequest{Project: "projects/" + s.Endpoints.ProjectID})
	for subscription, err := range all.All() {
		if err != nil || strings.Contains(subscription.GetName(), ".tail-") {
			return err == nil, err
		}
	}
	return false, nil
}

// forms has what differs from run to run replaced by its form. An id becomes the number of its first
// appearance, so that the same id has to stand for the same thing in the whole text.
type forms struct{ ids map[string]string }

// varying are the forms; what is said of the page at its top.
var varying = []struct {
	pattern *regexp.Regexp
	form    string
}{
	{regexp.MustCompile(`(?:of an unknown commit|(?:v\S+ )?commit [0-9a-f]+(?: with changes)?), go[\w.]+`), "BUILD"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "ADDRESS"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`), "TIME"},
	{regexp.MustCompile(`\d{4}[-/]\d\d[-/]\d\d`), "DAY"},
	{regexp.MustCompile(`\b(?:\d+(?:\.\d+)?(?:h|m|s|ms|µs))+\b`), "DURATION"},
	{regexp.MustCompile(`\b\d+\.\d\b`), "RATE"},
	{regexp.MustCompile(`\d+, job \w+`), "TRANSACTION"},
	{regexp.MustCompile(`-{3,}`), "---"},
	{regexp.MustCompile(`  +`), "  "},
}

var id = regexp.MustCompile(`\b(?:[a-z2-7]{26}|\d{13,})\b`)

// november is what the orders of the page are from.
const november = "2025-11-"

func (f *forms) of(text string) string {
	text = id.ReplaceAllStringFunc(text, func(id string) string {
		if f.ids[id] == "" {
			f.ids[id] = fmt.Sprintf("ID%d", len(f.ids)+1)
		}
		return f.ids[id]
	})
	for _, v := range varying {
		text = v.pattern.ReplaceAllStringFunc(text, func(found string) string {
			if strings.HasPrefix(found, november) {
				return found
			}
			return v.form
		})
	}
	return text
}
