package split

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// collect reads all records as "offset data" or "offset data !rule", long data cut.
func collect(t *testing.T, s Splitter) (list []string, last error) {
	t.Helper()
	for {
		r, err := s.Next()
		if err != nil {
			if _, again := s.Next(); !errors.Is(again, err) {
				t.Errorf("error %v is followed by %v", err, again)
			}
			return list, err
		}
		text := fmt.Sprintf("%d %.40s", r.Offset, r.Data)
		if r.Rule != "" {
			text += " !" + string(r.Rule)
		}
		list = append(list, text)
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", MaxRecord)
	for name, tc := range map[string]struct {
		in   string
		want []string
	}{
		"nothing":                        {"", nil},
		"only white space":               {" \r\n\n\t", nil},
		"lines":                          {"{1}\n{2}\n", []string{"0 {1}", "4 {2}"}},
		"last line without a break":      {"{1}\n{2}", []string{"0 {1}", "4 {2}"}},
		"CRLF, blank lines, BOM":         {"\xef\xbb\xbf{1}\r\n\r\n  \n{2}\r\n", []string{"3 {1}", "13 {2}"}},
		"spaces around lines":            {"{1} \n {2}\n", []string{"0 {1}", "6 {2}"}},
		"a bad line costs itself":        {"{1}\ngarbage\n{2}\n", []string{"0 {1}", "4 garbage", "12 {2}"}},
		"line of 1 MiB":                  {long + "\n{2}", []string{"0 " + long[:40], fmt.Sprintf("%d {2}", MaxRecord+1)}},
		"line of 1 MiB and a byte":       {long + "y\n{2}", []string{"0 " + long[:40] + " !too_large", fmt.Sprintf("%d {2}", MaxRecord+2)}},
		"array":                          {` [ {"a":1} , {"b":[1,2]} ] `, []string{`3 {"a":1}`, `13 {"b":[1,2]}`}},
		"array empty":                    {"[ ]\n", nil},
		"array over lines":               {"[\n{1},\r\n{2}\r\n]\r\n", []string{"2 {1}", "8 {2}"}},
		"array with BOM":                 {"\xef\xbb\xbf[{1}]", []string{"4 {1}"}},
		"brackets and commas in text":    {`[{"a":"],\"}{"},{2}]`, []string{`1 {"a":"],\"}{"}`, `16 {2}`}},
		"broken element costs itself":    {`[{"a":tru},x,{2}]`, []string{`1 {"a":tru}`, "11 x", "13 {2}"}},
		"comma forgotten":                {`[{1}{2},{3}]`, []string{"1 {1}{2}", "8 {3}"}},
		"comma too many":                 {`[{1},,{2},]`, []string{"1 {1}", "5  !malformed_json", "6 {2}", "10  !malformed_json"}},
		"brace too many":                 {`[{1}},{2}]`, []string{"1 {1}}", "6 {2}"}},
		"array not closed":               {`[{1},{2}`, []string{"1 {1}", "5 {2} !malformed_json"}},
		"array not closed, comma":        {`[{1}, `, []string{"1 {1}", "6  !malformed_json"}},
		"array not closed, inside":       {`[{1},{"a`, []string{"1 {1}", `5 {"a !malformed_json`}},
		"array only opened":              {`[`, []string{"1  !malformed_json"}},
		"something behind the array":     {"[{1}]\n{2}\n{3}", []string{"1 {1}", "6 {2}", "10 {3}"}},
		"garbage behind the array":       {"[{1}] garbage\n{2}\n", []string{"1 {1}", "6 garbage", "14 {2}"}},
		"an array on each line":          {"[{1},{2}]\n[{3},[4]]\r\n[]\n[{5}]", []string{"1 {1}", "5 {2}", "11 {3}", "15 [4]", "25 {5}"}},
		"arrays with nothing between":    {"[{1}][{2}]{3}[{4}]", []string{"1 {1}", "6 {2}", "10 {3}[{4}]"}},
		"arrays over lines":              {"[\n{1}\n]\n[\n{2},\n{3}\n]\n", []string{"2 {1}", "10 {2}", "15 {3}"}},
		"an array over lines behind":     {"[{1}]\n[ \n{2},\n{3}\n]\n{4}", []string{"1 {1}", "9 {2}", "14 {3}", "20 {4}"}},
		"an array goes on behind":        {"{1}\n[{2},\n{3}]\n[{\n4}]\n", []string{"0 {1}", "5 {2}", "10 {3}", "16 {\n4}"}},
		"arrays behind lines":            {"{1}\n[{2},{3}]\n{4}", []string{"0 {1}", "5 {2}", "9 {3}", "14 {4}"}},
		"a bad array costs its line":     {"[{1}]\n[{2},{3\n[{4}]\n", []string{"1 {1}", "6 [{2},{3", "15 {4}"}},
		"a bracket costs its line":       {"{1}\n[INFO\n{2}\n", []string{"0 {1}", "4 [INFO", "10 {2}"}},
		"BOM before any record":          {"\xef\xbb\xbf{1}\n\xef\xbb\xbf\n\xef\xbb\xbf{2}\n\xef\xbb\xbf[{3}]", []string{"3 {1}", "14 {2}", "22 {3}"}},
		"nothing between objects":        {`{"a":{}}{"b":"}{"}  {3}{"c`, []string{`0 {"a":{}}`, `8 {"b":"}{"}`, "20 {3}", `23 {"c`}},
		"a text that looks like two":     {`{"a":"} {"}`, []string{`0 {"a":"} {"}`}},
		"objects on a line of 2 MiB":     {strings.Repeat(`{"a":"`+long[:MaxRecord/2]+`"}`, 4) + "\n{2}", []string{`0 {"a":"` + long[:34], fmt.Sprintf(`%d {"a":"%s`, MaxRecord/2+8, long[:34]), fmt.Sprintf(`%d {"a":"%s`, MaxRecord+16, long[:34]), fmt.Sprintf(`%d {"a":"%s`, MaxRecord*3/2+24, long[:34]), fmt.Sprintf("%d {2}", 2*MaxRecord+33)}},
		"an array on a line of 2 MiB":    {"{1}\n[" + strings.Repeat(`"`+long[:MaxRecord-2]+`",`, 2) + "{2}]\n{3}", []string{"0 {1}", `5 "` + long[:39], fmt.Sprintf(`%d "%s`, MaxRecord+6, long[:39]), fmt.Sprintf("%d {2}", 2*MaxRecord+7), fmt.Sprintf("%d {3}", 2*MaxRecord+12)}},
		"text not closed swallows":       {`[{"a},{2}]`, []string{`1 {"a},{2}] !malformed_json`}},
		"element of 1 MiB and a byte":    {`["` + long[1:] + `",{2}]`, []string{"1 \"" + long[:39] + " !too_large", fmt.Sprintf("%d {2}", MaxRecord+3)}},
		"first line is a stray NUL line": {"{1}\n" + strings.Repeat("{22222222222}\n", 3) + "\x00\n", []string{"0 {1}", "4 {22222222222}", "18 {22222222222}", "32 {22222222222}", "46 \x00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, source := range []io.Reader{
				strings.NewReader(tc.in),
				iotest.DataErrReader(strings.NewReader(tc.in)),
				iotest.OneByteReader(strings.NewReader(tc.in)),
			} {
				s, err := Orders(source)
				if err != nil {
					t.Fatal(err)
				}
				got, err := collect(t, s)
				if !errors.Is(err, io.EOF) {
					t.Fatalf("ended with %v", err)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("records (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", MaxRecord)
	for name, tc := range map[string]struct {
		in   string
		want []string
	}{
		"nothing":                   {"", nil},
		"rows":                      {"a,b\n1,2\n", []string{"0 a,b", "4 1,2"}},
		"CRLF, blank lines, BOM":    {"\xef\xbb\xbfa,b\r\n\r\n \r\n1,2", []string{"3 a,b", "13 1,2"}},
		"rows of nothing":           {"a,b\n,\n1,2\n , \t\n,,,,\n\"\",\"\"\n", []string{"0 a,b", "6 1,2", "20 \"\",\"\""}},
		"line break in quotes":      {"a,\"x\r\ny\"\r\n1,2\n", []string{"0 a,\"x\r\ny\"", "10 1,2"}},
		"escaped quotes":            {"a,\"x\"\"\n\"\"y\"\n1,2\n", []string{"0 a,\"x\"\"\n\"\"y\"", "12 1,2"}},
		"quote inside a field":      {"a,x\"y\n1,2\n", []string{"0 a,x\"y", "6 1,2"}},
		"text behind a quote":       {"a,\"x\"y\n1,2\n", []string{"0 a,\"x\"y !invalid_csv", "7 1,2"}},
		"quote not closed":          {"a,\"x\n1,2\n3,4\n", []string{"0 a,\"x !invalid_csv", "5 1,2", "9 3,4"}},
		"quotes of two lines":       {"a,\"x\n1,\"y\n3,4\n", []string{"0 a,\"x !invalid_csv", "5 1,\"y !invalid_csv", "10 3,4"}},
		"quote not closed, 1 MiB":   {"a,\"x\n1," + long[2:] + "\n3,4\n", []string{"0 a,\"x !invalid_csv", "5 1," + long[:38], fmt.Sprintf("%d 3,4", MaxRecord+6)}},
		"line of 1 MiB and a byte":  {long + "y\n1,2", []string{"0 " + long[:40] + " !too_large", fmt.Sprintf("%d 1,2", MaxRecord+2)}},
		"quoted, 1 MiB and a byte":  {"\"" + long + "\"\n1,2", []string{"0 \"" + long[:39] + " !too_large", fmt.Sprintf("%d 1,2", MaxRecord+3)}},
		"last row ends with quotes": {"a,\"x\"", []string{"0 a,\"x\""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, source := range []io.Reader{strings.NewReader(tc.in), iotest.OneByteReader(strings.NewReader(tc.in))} {
				s, err := Rows(source)
				if err != nil {
					t.Fatal(err)
				}
				got, err := collect(t, s)
				if !errors.Is(err, io.EOF) {
					t.Fatalf("ended with %v", err)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestTooLargeKeepsLengthAndHashOfTheWhole(t *testing.T) {
	t.Parallel()
	whole := bytes.Repeat([]byte("0123456789"), 6_400_000) // a line of 64 MB
	s, err := Orders(io.MultiReader(bytes.NewReader(whole), strings.NewReader("\n{2}\n")))
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(whole)
	if r.Rule != rules.TooLarge || r.Length != int64(len(whole)) || r.SHA256() != hex.EncodeToString(sum[:]) ||
		!bytes.Equal(r.Data, whole[:MaxRecord]) {
		t.Errorf("rule %s, length %d, hash %s, %d bytes kept", r.Rule, r.Length, r.SHA256(), len(r.Data))
	}
	if r, err = s.Next(); err != nil || string(r.Data) != "{2}" {
		t.Errorf("the next record is %q, %v", r.Data, err)
	}
}

func zip(t testing.TB, texts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&out)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

var errSource = errors.New("connection reset")

func TestFiles(t *testing.T) {
	t.Parallel()
	limits := stored.Limits{MaxBytes: 200 << 20, MaxRatio: 100}
	zipped := zip(t, "{1}\n{2", "}\n{3}\n")
	for name, tc := range map[string]struct {
		in    io.Reader
		size  int64
		want  []string
		fault rules.ID
		err   error
	}{
		"plain":                     {in: strings.NewReader("{1}\n"), want: []string{"0 {1}"}, err: io.EOF},
		"one byte":                  {in: strings.NewReader("1"), want: []string{"0 1"}, err: io.EOF},
		"gzip of two members":       {in: bytes.NewReader(zipped), want: []string{"0 {1}", "4 {2}", "8 {3}"}, err: io.EOF},
		"gzip of an array":          {in: bytes.NewReader(zip(t, "[{1},{2}]")), want: []string{"1 {1}", "5 {2}"}, err: io.EOF},
		"gzip of nothing":           {in: bytes.NewReader(zip(t, "")), err: io.EOF},
		"gzip cut in the header":    {in: bytes.NewReader(zipped[:5]), fault: rules.TruncatedGzip},
		"gzip cut in its checksum":  {in: bytes.NewReader(zipped[:len(zipped)-1]), want: []string{"0 {1}", "4 {2}", "8 {3}"}, fault: rules.TruncatedGzip},
		"gzip header damaged":       {in: strings.NewReader("\x1f\x8b\x00garbage"), fault: rules.UnreadableFile},
		"gzip checksum wrong":       {in: bytes.NewReader(append(bytes.Clone(zipped[:len(zipped)-8]), 1, 2, 3, 4, 8, 0, 0, 0)), want: []string{"0 {1}", "4 {2}", "8 {3}"}, fault: rules.UnreadableFile},
		"garbage behind gzip":       {in: bytes.NewReader(append(bytes.Clone(zipped), "garbage....."...)), want: []string{"0 {1}", "4 {2}", "8 {3}"}, fault: rules.UnreadableFile},
		"zeros behind gzip":         {in: bytes.NewReader(append(bytes.Clone(zipped), make([]byte, 70_000)...)), want: []string{"0 {1}", "4 {2}", "8 {3}"}, err: io.EOF},
		"zeros between members":     {in: bytes.NewReader(append(append(bytes.Clone(zipped), make([]byte, 500)...), zip(t, "[{4}]")...)), want: []string{"0 {1}", "4 {2}", "8 {3}", "13 {4}"}, err: io.EOF},
		"arrays in two members":     {in: bytes.NewReader(zip(t, "[{1}]", "[{2},{3}]")), want: []string{"1 {1}", "6 {2}", "10 {3}"}, err: io.EOF},
		"second member cut":         {in: bytes.NewReader(append(bytes.Clone(zipped), 0x1f)), want: []string{"0 {1}", "4 {2}", "8 {3}"}, fault: rules.TruncatedGzip},
		"gzip of gzip":              {in: bytes.NewReader(zip(t, string(zipped))), fault: rules.UnreadableFile},
		"UTF-16":                    {in: strings.NewReader("\xff\xfe{\x001\x00}\x00"), fault: rules.UnreadableFile},
		"binary":                    {in: bytes.NewReader(bytes.Repeat([]byte{0, 1, 2, 3, 200, 201}, 100)), fault: rules.UnreadableFile},
		"bomb by ratio":             {in: bytes.NewReader(zip(t, strings.Repeat("\n", 65<<20))), fault: rules.DecompressionLimit},
		"source fails":              {in: io.MultiReader(strings.NewReader("{1}\n{2"), iotest.ErrReader(errSource)), want: []string{"0 {1}"}, err: errSource},
		"source fails at once":      {in: iotest.ErrReader(errSource), err: errSource},
		"source fails inside gzip":  {in: io.MultiReader(bytes.NewReader(zipped[:12]), iotest.ErrReader(errSource)), err: errSource},
		"source shorter than file":  {in: strings.NewReader("{1}\n{2"), size: 8, want: []string{"0 {1}"}, err: io.ErrUnexpectedEOF},
		"gzip shorter than file":    {in: bytes.NewReader(zipped[:len(zipped)-1]), size: int64(len(zipped)), want: []string{"0 {1}", "4 {2}", "8 {3}"}, err: io.ErrUnexpectedEOF},
		"array breaks off, no file": {in: io.MultiReader(strings.NewReader("[{1},\n{2}"), iotest.ErrReader(errSource)), want: []string{"1 {1}"}, err: errSource},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			size := tc.size
			if size == 0 {
				size = -1
			}
			got, err := readAll(t, tc.in, size, limits)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			var fault *FileError
			if errors.As(err, &fault) != (tc.fault != "") || fault != nil && fault.Rule != tc.fault {
				t.Errorf("ended with %v, want rule %q", err, tc.fault)
			}
			if tc.err != nil && !errors.Is(err, tc.err) {
				t.Errorf("ended with %v, want %v", err, tc.err)
			}
		})
	}
}

func readAll(t *testing.T, source io.Reader, size int64, limits stored.Limits) ([]string, error) {
	t.Helper()
	content, _, err := stored.Unpack(source, size, limits)
	if err != nil {
		return nil, err
	}
	s, err := Orders(content)
	if err != nil {
		return nil, err
	}
	return collect(t, s)
}

// TestTruncatedGzipRefusesTheBrokenRecord: what was cut must not pass for a whole record.
func TestTruncatedGzipRefusesTheBrokenRecord(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	for _, text := range []string{"a,b\n1,2\n", "3,"} {
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	content, _, err := stored.Unpack(&out, -1, stored.Limits{MaxBytes: 1 << 20, MaxRatio: 100})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Rows(content)
	if err != nil {
		t.Fatal(err)
	}
	got, err := collect(t, s)
	var fault *FileError
	if !errors.As(err, &fault) || fault.Rule != rules.TruncatedGzip {
		t.Errorf("ended with %v", err)
	}
	if diff := cmp.Diff([]string{"0 a,b", "4 1,2", "8 3, !invalid_csv"}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestDecompressionLimit(t *testing.T) {
	t.Parallel()
	_, err := readAll(t, bytes.NewReader(zip(t, strings.Repeat("{1}\n", 1000))), -1, stored.Limits{MaxBytes: 3999, MaxRatio: 100})
	var fault *FileError
	if !errors.As(err, &fault) || fault.Rule != rules.DecompressionLimit {
		t.Errorf("ended with %v", err)
	}
}

// TestRowsInVain reads a file made so that the quotes of each line match those of the
// next ones, and never end: the work stays in proportion to the file.
func TestRowsInVain(t *testing.T) {
	t.Parallel()
	const lines = 400_000
	hostile := strings.Repeat("a\",\"\n", lines)
	s, err := Rows(strings.NewReader("x,y\n" + hostile))
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for ; ; refused++ {
		r, err := s.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if (refused > 0) != (r.Rule == rules.InvalidCSV) {
			t.Fatalf("row %d at %d: %q", refused, r.Offset, r.Rule)
		}
	}
	if refused != lines+1 {
		t.Errorf("%d rows, want %d", refused, lines+1)
	}
	if vain, most := s.(*rows).vain, int64(vainAtFirst+vainTimes*len(hostile)+MaxRecord); vain > most {
		t.Errorf("looked at %d bytes in vain, more than %d", vain, most)
	}
}
