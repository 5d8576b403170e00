package daily

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
)

// MailFile is the morning of a date as a mail.
const MailFile = "morning.eml"

// mailHost makes the mail's addresses; nobody can have it (RFC 2606).
const mailHost = "order-pipeline.invalid"

// Headline is the day in one line: figures, and no names.
func (p *page) Headline() string {
	revenue, orders := "no orders", ""
	if p.Trends != nil && p.Trends.Today != nil {
		today := p.Trends.Today
		revenue, orders = fmt.Sprintf("%s %s", money(today.Revenue), p.Currency), " from "+plural.Of(int(today.Orders), "order")
	}
	return fmt.Sprintf("%s: %s%s", p.Date, revenue, orders)
}

// Summary is the day in a few lines: figures, and no names.
func (p *page) Summary() string {
	lines := []string{p.Long()}
	if t := p.Trends; t != nil {
		line := "Revenue: no orders"
		if t.Today != nil {
			line = fmt.Sprintf("Revenue: %s %s from %s", money(t.Today.Revenue), p.Currency, plural.Of(int(t.Today.Orders), "order"))
			if t.Today.Change != nil {
				line += fmt.Sprintf(", %s to the same day a week before", percent(t.Today.Change, true))
			}
			if t.Today.Anomaly != "" {
				line += fmt.Sprintf("; unusually %s, %s %s is usual", t.Today.Anomaly, money(t.Today.Expected), p.Currency)
			}
		}
		lines = append(lines, line)
	}
	if s := p.Stock; s != nil {
		lines = append(lines, fmt.Sprintf("Stock: %d out, %d critical, %s; %s %s at risk", s.OutOfStock, s.Critical, plural.Of(s.Warning, "warning"), money(s.AtRisk), p.Currency))
	}
	if c := p.Churn; c != nil {
		lines = append(lines, fmt.Sprintf("Customers: %d at high risk, %d at medium; %s %s at risk", c.All.High, c.All.Medium, money(c.All.AtRisk), p.Currency))
	}
	if q := p.Quality; q != nil {
		lines = append(lines, fmt.Sprintf("Data: %s, %s, %d checks passed", plural.Of(q.Errors, "error"), plural.Of(q.Warnings, "warning"), q.Passed))
	}
	for _, title := range p.Missing {
		lines = append(lines, title+": not made")
	}
	if !p.Complete {
		lines = append(lines, "The day was not over: these are its figures so far.")
	}
	return strings.Join(lines, "\n") + "\n"
}

// writeMail writes the mail of a date: the summary as text, and the page. Equal pages give equal mails.
func writeMail(out *bufio.Writer, p *page, html []byte) error {
	digest := sha256.Sum256(html)
	id := hex.EncodeToString(digest[:16])
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	if err := parts.SetBoundary("part-" + id); err != nil {
		return err
	}
	for _, part := range []struct {
		kind string
		text []byte
	}{{"text/plain", []byte(p.Summary())}, {"text/html", html}} {
		w, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {part.kind + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
		if err != nil {
			return err
		}
		quoted := quotedprintable.NewWriter(w)
		if _, err := quoted.Write(part.text); err != nil {
			return err
		}
		if err := quoted.Close(); err != nil {
			return err
		}
	}
	if err := parts.Close(); err != nil {
		return err
	}
	for _, header := range [][2]string{
		{"From", "Order pipeline <reports@" + mailHost + ">"},
		{"To", "undisclosed-recipients:;"},
		{"Date", p.Through.UTC().Format(time.RFC1123Z)},
		{"Subject", mime.QEncoding.Encode("utf-8", "Morning of "+p.Headline())},
		{"Message-ID", "<" + p.Date.String() + "." + id + "@" + mailHost + ">"},
		{"MIME-Version", "1.0"},
		{"Content-Type", mime.FormatMediaType("multipart/alternative", map[string]string{"boundary": parts.Boundary()})},
	} {
		if _, err := fmt.Fprintf(out, "%s: %s\r\n", header[0], header[1]); err != nil {
			return err
		}
	}
	if _, err := out.WriteString("\r\n"); err != nil {
		return err
	}
	_, err := out.Write(body.Bytes())
	return err
}
