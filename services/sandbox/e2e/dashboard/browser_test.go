package dashboard

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// browser is a tab of a headless Chromium that shows the dashboard, and what it
// complained about.
type browser struct {
	ctx  context.Context
	base string

	mu       sync.Mutex
	faults   []string
	expected string // part of the faults that a test provokes for as long as it runs
	requests int
}

// findChromium is the browser's executable: CHROMIUM, or what the system has.
func findChromium(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium: install it (apt-get install chromium), or name a Chromium or Chrome in the variable CHROMIUM")
	return ""
}

// openBrowser starts a browser with an empty profile; it ends with the test.
// Whatever the pages log as an error, and each request to another host, fails
// the test.
func openBrowser(t *testing.T, base string) *browser {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(findChromium(t)), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-extensions", true),
		chromedp.Flag("enable-precise-memory-info", true), chromedp.Flag("disable-renderer-backgrounding", true),
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which root cannot have
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{ctx: ctx, base: base}
	b.do(t)
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, fault := range b.faults {
			if b.expected == "" || !strings.Contains(fault, b.expected) {
				t.Error(fault)
			}
		}
		if b.requests == 0 {
			t.Error("no request was seen: a request to another host would not be either")
		}
	})
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, fmt.Sprintf("exception: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.Exception.Description))
	case *runtime.EventConsoleAPICalled:
		b.faults = append(b.faults, fmt.Sprintf("console.%s", e.Type))
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			b.faults = append(b.faults, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		b.requests++
		if strings.HasPrefix(e.Request.URL, "data:") {
			return // no host is asked; the browser's own page of errors has pictures like that
		}
		if u, err := url.Parse(e.Request.URL); err != nil || !strings.HasPrefix(b.base, u.Scheme+"://"+u.Host) || u.Host == "" {
			b.faults = append(b.faults, "a request to another host: "+e.Request.URL)
		}
	}
}

func (b *browser) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, *harness.Deadline)
	defer cancel()
	if len(steps) == 0 {
		ctx = b.ctx // the first opens the tab, which lives as long as its context
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// open goes to a page and waits until nothing of it loads any more.
func (b *browser) open(t *testing.T, path string) {
	t.Helper()
	b.do(t, chromedp.Navigate(b.base+path))
	b.settle(t, path)
}

func (b *browser) settle(t *testing.T, what string) {
	t.Helper()
	b.until(t, what+" is drawn", `document.querySelectorAll('[data-state="loading"]:not([hidden]), [aria-busy="true"]').length === 0 &&
		document.getElementById("live").dataset.state === "live"`)
}

// eval evaluates an expression in the page.
func eval[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, *harness.Deadline)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return got
}

// until waits for an expression to be true. A page that is being left, or is not
// there yet, answers with errors.
func (b *browser) until(t *testing.T, what, expression string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, *harness.Deadline)
	defer cancel()
	for {
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && done {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s: not within %v (last error: %v); the page says: %.2000s", what, *harness.Deadline, err, eval[string](t, b, "document.querySelector('main').innerText"))
		}
	}
}

// text is what a reader sees of an element.
func (b *browser) text(t *testing.T, selector string) string {
	t.Helper()
	return eval[string](t, b, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}
