package config

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// ReadFile reads the variables of a file of NAME=VALUE lines; blank lines and those that
// begin with # are skipped. A value is what stands behind the first =, without quotes.
func ReadFile(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	values := make(map[string]string)
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s:%d: expected NAME=VALUE", path, n)
		}
		values[name] = value
	}
	return values, lines.Err()
}
