package notify

import (
	"encoding/json"
	"strings"
	"time"
)

// Message is one message; as JSON it is what a webhook of no known kind gets.
type Message struct {
	Text string `json:"text"`
	// Source of the trouble: quarantined_files, dead_letters, quality_errors or reports_late; morning of none.
	Source string    `json:"source"`
	Status string    `json:"status"` // raised or cleared; of the morning, made
	Count  int64     `json:"count"`  // how many of them; of the morning, the day's orders
	At     time.Time `json:"at"`
}

// inSlack has Slack take what it would read as markup, such as <!channel>, for text.
var inSlack = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func encode(format string, m Message) ([]byte, error) {
	switch format {
	case slack:
		return json.Marshal(map[string]any{"text": inSlack.Replace(m.Text)})
	case discord:
		// A name in a text must not call anybody.
		return json.Marshal(map[string]any{"content": m.Text, "allowed_mentions": map[string]any{"parse": []string{}}})
	default:
		return json.Marshal(m)
	}
}
