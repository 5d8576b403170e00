package probe

import (
	"fmt"
	"net/url"
	"strings"
)

// ServiceURLs are the base addresses of other services' health and metrics, by
// the service's name.
type ServiceURLs map[string]string

// Decode implements envconfig.Decoder: name=url,name=url.
func (s *ServiceURLs) Decode(text string) error {
	*s = make(ServiceURLs)
	for entry := range strings.SplitSeq(text, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		name, address, ok := strings.Cut(entry, "=")
		parsed, err := url.Parse(address)
		if !ok || name == "" || err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
			return fmt.Errorf("%q is not of the form name=http://host:port", entry)
		}
		(*s)[name] = strings.TrimSuffix(address, "/")
	}
	return nil
}
