package node

import (
	"io"
	"os"
	"strings"
)

// longestLine is as much of a last line as is shown, in bytes.
const longestLine = 4 << 10

// output is the log of a pod's processes, one after the other. It is handed to them as a
// file, so that they write to it whatever becomes of the runner.
type output struct {
	*os.File
	began int64 // where the process of now began
}

func (o *output) begin() error {
	var err error
	o.began, err = o.Seek(0, io.SeekEnd)
	return err
}

// lastLine is what the process said last, or "".
func (o *output) lastLine() string {
	file, err := os.Open(o.Name())
	if err != nil {
		return ""
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	from := max(o.began, info.Size()-longestLine)
	text, err := io.ReadAll(io.NewSectionReader(file, from, info.Size()-from))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return lines[len(lines)-1]
}
