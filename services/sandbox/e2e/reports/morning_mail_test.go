package reports

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestMorningGoesOut writes the morning as a mail beside the reports and posts its figures to a webhook, if that is
// asked for: the same page, the same figures, equal from equal data; of a day that is not over nobody is told, and a webhook that
// refuses makes no report fail.
func TestMorningGoesOut(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	now := time.Now().UTC()
	day := civil.DateOf(now).AddDays(-1)
	order := func(id, price string) string {
		return strings.Replace(harness.Order(id, 1, "P-1", "C-1", price), "2026-11-01", day.String(), 1)
	}
	p.Land(t, "orders/orders.json", []byte(order("o-1", "1000.10")+order("o-2", "234.40")))
	p.AwaitFiles(t, 1)
	messages := make(chan notify.Message, 10)
	refuse := false
	webhook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		var m notify.Message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		messages <- m
	}))
	defer webhook.Close()

	if err := p.Daily(t, time.Now).Make(t.Context(), day, nil); err != nil {
		t.Fatal(err)
	}
	object := p.Bucket().Object(daily.ObjectName(day, daily.MailFile))
	if _, err := object.Attrs(t.Context()); err == nil {
		t.Error("a mail that nobody asked for is written")
	}
	out := p.Daily(t, time.Now, func(c *daily.Config) { c.MorningMail, c.MorningURL, c.MorningFormat = true, webhook.URL, "json" })
	if err := out.Make(t.Context(), day, nil); err != nil {
		t.Fatal(err)
	}
	const figures = "Revenue: 1,234.50 USD from 2 orders"
	told := <-messages
	if told.Source != notify.Morning || told.Status != "made" || told.Count != 2 || !strings.Contains(told.Text, figures) {
		t.Errorf("the webhook is told %+v", told)
	}
	first := p.Object(t, daily.ObjectName(day, daily.MailFile))
	message, err := mail.ReadMessage(strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if subject := message.Header.Get("Subject"); subject != "Morning of "+day.String()+": 1,234.50 USD from 2 orders" {
		t.Errorf("the mail is about %q", subject)
	}
	if at, err := message.Header.Date(); err != nil || !at.Equal(day.AddDays(1).In(time.UTC)) {
		t.Errorf("the mail is of %v (%v)", at, err)
	}
	if _, err := message.Header.AddressList("From"); err != nil {
		t.Error(err)
	}
	kind, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s: %v", kind, err)
	}
	var parts []string
	for reader := multipart.NewReader(message.Body, params["boundary"]); ; {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	if len(parts) != 2 || parts[0] != told.Text || parts[1] != p.Object(t, daily.ObjectName(day, daily.PageFile)) {
		t.Errorf("%d parts, which begin %.300q", len(parts), parts)
	}
	for line := range strings.SplitSeq(first, "\r\n") {
		if len(line) > 998 || strings.Contains(line, "\n") {
			t.Errorf("a line of %d bytes: %.80q", len(line), line)
		}
	}

	refuse = true
	var failed []daily.Step
	if err := out.Make(t.Context(), day, func(s daily.Step) {
		if s.Err != nil {
			failed = append(failed, s)
		}
	}); err != nil || len(failed) != 1 || failed[0].What != notify.Morning {
		t.Errorf("a webhook that refuses: %v, %v", failed, err)
	}
	refuse = false
	if err := out.Make(t.Context(), civil.DateOf(now), nil); err != nil {
		t.Fatal(err)
	}
	if again := p.Object(t, daily.ObjectName(day, daily.MailFile)); len(messages) != 0 || len(again) != len(first) {
		t.Errorf("%d messages of a day that is not over; the mail has %d and then %d bytes", len(messages), len(first), len(again))
	}
}
