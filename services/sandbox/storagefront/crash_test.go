package storagefront

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/storage"
)

// crashDir tells a test binary to be the victim of TestKill instead of a test.
const crashDir = "STORAGEFRONT_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := victim(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// victim serves dir and works on it by itself, saying on its standard output
// what was answered and what was announced, until it is killed.
func victim(dir string) error {
	server, err := Start(context.Background(), Config{Dir: dir, Addr: "127.0.0.1:0", Notifier: loud{}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	base := "http://" + server.Addr()
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				// One name is rewritten again and again, one is claimed as the watcher does.
				fixed := fmt.Sprintf("fixed/%d", worker)
				if generation, err := post(base+"/upload/storage/v1/b/"+testBucket+"/o?uploadType=media&name="+fixed, victimBody(worker, i)); err == nil {
					fmt.Printf("stored %s %s %d\n", fixed, generation, i)
				}
				landed := fmt.Sprintf("%d-%d-%d", os.Getpid(), worker, i)
				if _, err := post(base+"/upload/storage/v1/b/"+testBucket+"/o?uploadType=media&name=landing/"+landed, victimBody(worker, i)); err != nil {
					continue
				}
				if _, err := post(base+"/storage/v1/b/"+testBucket+"/o/landing%2F"+landed+"/moveTo/o/archive%2F"+landed, ""); err == nil {
					fmt.Printf("archived %s\n", landed)
				}
			}
		})
	}
	wg.Wait()
	return nil
}

// victimBody is large enough to be caught half written, and tells who wrote it.
func victimBody(worker, i int) string {
	return strings.Repeat(fmt.Sprintf("%d/%d\n", worker, i), 20_000)
}

func post(target, body string) (generation string, err error) {
	resp, err := http.Post(target, "text/plain", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", resp.StatusCode)
	}
	data, err := io.ReadAll(resp.Body)
	_, rest, _ := strings.Cut(string(data), `"generation":"`)
	generation, _, _ = strings.Cut(rest, `"`)
	return generation, err
}

// loud is a Notifier that prints.
type loud struct{}

func (loud) Publish(_ context.Context, _ string, attributes map[string]string, _ []byte) error {
	_, err := fmt.Printf("announced %s %s %s\n", attributes["eventType"], attributes["objectGeneration"], attributes["objectId"])
	return err
}

// TestKill kills a working server again and again. What was answered must be
// there, whole; what is there must have been announced or still be; generations must not run back.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := startFront(t, dir, &recorder{})
	if _, err := f.bucket.AddNotification(t.Context(), &storage.Notification{TopicProjectID: "p", TopicID: "t", PayloadFormat: storage.NoPayload}); err != nil {
		t.Fatal(err)
	}
	f.stop(t)
	announced := map[string]bool{}
	var newest int64
	for round := range 4 {
		said := killVictim(t, dir, 150+round*40)
		rec := &recorder{}
		f := startFront(t, dir, rec)
		var attempts []*storage.ObjectAttrs
		for _, name := range names(t, f.bucket, nil) {
			attempts = append(attempts, attrsOf(t, f.bucket.Object(name)))
			data := read(t, f.bucket.Object(name)) // the client checks the CRC
			line, _, _ := bytes.Cut(data, []byte("\n"))
			if want := bytes.Repeat(append(line, '\n'), 20_000); !bytes.Equal(data, want) {
				t.Fatalf("%s is torn", name)
			}
		}
		for _, line := range said {
			word := strings.Fields(line)
			switch word[0] {
			case "announced":
				announced[strings.Join(word[1:3], " ")] = true
			case "archived":
				if _, err := f.bucket.Object("archive/" + word[1]).Attrs(t.Context()); err != nil {
					t.Errorf("round %d: %s was answered but is gone: %v", round, word[1], err)
				}
				if _, err := f.bucket.Object("landing/" + word[1]).Attrs(t.Context()); code(err) != http.StatusNotFound {
					t.Errorf("round %d: %s is in both places: %v", round, word[1], err)
				}
			case "stored":
				generation, err := strconv.ParseInt(word[2], 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				if got := attrsOf(t, f.bucket.Object(word[1])).Generation; got < generation {
					t.Errorf("round %d: %s is back at generation %d, %d was answered", round, word[1], got, generation)
				}
			}
		}
		for _, attrs := range attempts {
			newest = max(newest, attrs.Generation)
		}
		if fresh := write(t, f.bucket.Object("fresh"), bytes.Repeat([]byte("f\n"), 20_000)); fresh.Generation <= newest {
			t.Errorf("round %d: a new generation is %d after %d", round, fresh.Generation, newest)
		}
		eventually(t, "the outbox drains", func() bool { return f.server.store.Undelivered() == 0 })
		for _, m := range rec.take() {
			announced[m.attributes["eventType"]+" "+m.attributes["objectGeneration"]] = true
		}
		for _, attrs := range attempts {
			if !announced[fmt.Sprintf("%s %d", storage.ObjectFinalizeEvent, attrs.Generation)] {
				t.Errorf("round %d: %s was never announced", round, attrs.Name)
			}
		}
		f.stop(t)
	}
}

// killVictim runs a victim until it has said so many lines, kills it, and returns what it said.
func killVictim(t *testing.T, dir string, lines int) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		if said = append(said, scanner.Text()); len(said) == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the victim ended by itself after %d lines: %v", len(said), err)
	}
	return said
}
