package store

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The journal is a row of segments, log-<n>. The last one is written to,
// and at most one snapshot-<n>, which stands for every segment before <n>.
// A line is eight hex digits of CRC32C, a space, and a record in JSON.
const (
	segmentPrefix  = "log-"
	snapshotPrefix = "snapshot-"
	linePrefix     = 9 // "xxxxxxxx "
)

// errTorn says that a line is incomplete or damaged.
var errTorn = errors.New("damaged journal line")

// journal appends records. A record is written by one write call, so the death
// of the process leaves it whole or, at the very end of the file, torn.
type journal struct {
	dir     string
	segment int
	file    *os.File
	size    int64 // of whole lines in the current segment
	since   int64 // bytes logged since the last snapshot
	broken  error // set when a failed write could not be undone: the next one tries that first
	buf     bytes.Buffer
}

// encodeLine renders rec into buf, which it empties first.
func encodeLine(buf *bytes.Buffer, rec *record) error {
	buf.Reset()
	buf.WriteString("00000000 ")
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(rec); err != nil { // Encode ends the line
		return fmt.Errorf("encode a journal record: %w", err)
	}
	line := buf.Bytes()
	sum := crc32.Checksum(line[linePrefix:len(line)-1], castagnoli)
	hex.Encode(line, []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	return nil
}

func decodeLine(line []byte) (*record, error) {
	if len(line) < linePrefix+1 || line[len(line)-1] != '\n' || line[linePrefix-1] != ' ' {
		return nil, errTorn
	}
	sum, err := strconv.ParseUint(string(line[:linePrefix-1]), 16, 32)
	body := line[linePrefix : len(line)-1]
	if err != nil || crc32.Checksum(body, castagnoli) != uint32(sum) {
		return nil, errTorn
	}
	rec := new(record)
	if err := json.Unmarshal(body, rec); err != nil {
		return nil, fmt.Errorf("%w: %w", errTorn, err)
	}
	return rec, nil
}

// append writes one record. When it returns an error the record is not there.
func (j *journal) append(rec *record) error {
	if j.broken != nil {
		if err := j.file.Truncate(j.size); err != nil {
			return fmt.Errorf("the journal is closed to writing: %w", errors.Join(j.broken, err))
		}
		j.broken = nil
	}
	if err := encodeLine(&j.buf, rec); err != nil {
		return err
	}
	n, err := j.file.Write(j.buf.Bytes())
	if err != nil {
		if terr := j.file.Truncate(j.size); n > 0 && terr != nil {
			j.broken = errors.Join(err, terr)
		}
		return fmt.Errorf("append to the journal: %w", err)
	}
	j.size += int64(n)
	j.since += int64(n)
	return nil
}

// openJournal hands every record of the past to apply, in order, drops a torn
// end, and opens the last segment for writing. found is whether there was a past.
func openJournal(dir string, apply func(*record) error) (j *journal, found bool, err error) {
	snapshot, segments, err := journalFiles(dir)
	if err != nil {
		return nil, false, err
	}
	j = &journal{dir: dir, segment: max(snapshot, 1)}
	if snapshot > 0 {
		path := j.path(snapshotPrefix, snapshot)
		whole := false
		size, err := replay(path, func(rec *record) error {
			whole = rec.End
			return apply(rec)
		})
		if err != nil || !whole {
			return nil, false, fmt.Errorf("read snapshot %s at byte %d: incomplete: %w", path, size, errors.Join(err, errTorn))
		}
	}
	for i, n := range segments {
		path := j.path(segmentPrefix, n)
		size, err := replay(path, apply)
		last := i == len(segments)-1
		if errors.Is(err, errTorn) && last && tornTail(path, size) {
			if err := os.Truncate(path, size); err != nil {
				return nil, false, fmt.Errorf("drop the torn end of %s: %w", path, err)
			}
		} else if err != nil {
			return nil, false, fmt.Errorf("read journal %s at byte %d: %w", path, size, err)
		}
		j.segment, j.size = n, size
		j.since += size
	}
	j.file, err = os.OpenFile(j.path(segmentPrefix, j.segment), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, false, fmt.Errorf("open the journal: %w", err)
	}
	return j, snapshot > 0 || len(segments) > 0, nil
}

func (j *journal) path(prefix string, n int) string {
	return filepath.Join(j.dir, prefix+strconv.Itoa(n))
}

// journalFiles lists what a start has to read: the newest snapshot's number (0
// for none) and the segments from it on, ascending. What an interrupted
// compaction left behind is removed.
func journalFiles(dir string) (snapshot int, segments []int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, nil, fmt.Errorf("list the journal: %w", err)
	}
	highest := 0
	present := map[int]bool{}
	for _, e := range entries {
		if n, err := strconv.Atoi(strings.TrimPrefix(e.Name(), snapshotPrefix)); err == nil {
			snapshot = max(snapshot, n)
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(e.Name(), segmentPrefix)); err == nil {
			present[n] = true
			highest = max(highest, n)
		}
	}
	removeObsolete(dir, entries, snapshot)
	for n := max(snapshot, 1); n <= highest; n++ {
		if !present[n] {
			return 0, nil, fmt.Errorf("journal segment %d is missing in %s", n, dir)
		}
		segments = append(segments, n)
	}
	return snapshot, segments, nil
}

// removeObsolete removes everything that snapshot stands for, and unfinished snapshots.
func removeObsolete(dir string, entries []os.DirEntry, snapshot int) {
	for _, e := range entries {
		name := e.Name()
		_, digits, _ := strings.Cut(name, "-")
		if n, err := strconv.Atoi(digits); strings.HasSuffix(name, ".tmp") || (err == nil && n < snapshot) {
			os.Remove(filepath.Join(dir, name))
		}
	}
}

// replay applies a file's records and returns the size of those that were whole.
func replay(path string, apply func(*record) error) (size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 256<<10)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return size, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return size, err
		}
		rec, err := decodeLine(line)
		if err != nil {
			return size, err
		}
		if err := apply(rec); err != nil {
			return size, err
		}
		size += int64(len(line))
	}
}

// tornTail reports whether the damage at offset is the end of the file: one
// line that nothing follows. Damage further up is not what a crash does, and
// starting over it would lose objects, so it is left for a person.
func tornTail(path string, offset int64) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return false
	}
	r := bufio.NewReaderSize(f, 256<<10)
	for {
		if _, err := r.ReadSlice('\n'); err == nil {
			break
		} else if !errors.Is(err, bufio.ErrBufferFull) {
			return err == io.EOF
		}
	}
	_, err = r.ReadByte()
	return errors.Is(err, io.EOF)
}
