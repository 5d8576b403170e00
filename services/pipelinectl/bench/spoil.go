package bench

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
)

// spoiler makes faulty files. Every other one holds records that break every
// rule that can be generated; those between are faulty as a whole, by turns.
type spoiler struct {
	records, refused, whole *generate.Orders
	made                    int
}

func newSpoiler(seed uint64, now time.Time) (*spoiler, error) {
	every := generate.Shares{}
	for _, rule := range generate.OrderFaults() {
		every[rule] = 0.01
	}
	every[rules.TooLarge] = 0.0001 // a MiB each, and refused bytes count towards the verdict
	s := &spoiler{}
	for i, sequence := range []struct {
		to     **generate.Orders
		faults generate.Shares
	}{
		{&s.records, every},
		{&s.refused, generate.Shares{rules.MalformedJSON: 0.4, rules.MissingField: 0.4}},
		{&s.whole, nil},
	} {
		var err error
		// Seeds of their own, so that no order has an id of the good files.
		*sequence.to, err = generate.NewOrders(generate.OrderOptions{
			Seed: seed ^ uint64(i+1)<<32, From: now.Add(-24 * time.Hour), To: now, Faults: sequence.faults,
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// next gives the content of the next faulty file, which has n orders where it
// has any; earlier are the files made before.
func (s *spoiler) next(n int, earlier []file) func(io.Writer) error {
	s.made++
	if s.made%2 == 1 {
		return func(w io.Writer) error { return s.records.WriteOrders(w, n) }
	}
	switch s.made / 2 % 5 {
	case 1: // an earlier file again, under another name
		return func(w io.Writer) error { return repeat(w, earlier) }
	case 2: // most of its records are refused
		return func(w io.Writer) error { return s.refused.WriteOrders(w, n) }
	case 3: // half of a compressed file
		return func(w io.Writer) error { return s.halfGzip(w, n) }
	case 4: // no text
		return func(w io.Writer) error {
			_, err := w.Write(bytes.Repeat([]byte{0, 1, 2, 3}, 4096))
			return err
		}
	default: // nothing
		return func(io.Writer) error { return nil }
	}
}

// repeat copies the first of the earlier files, which is a good one.
func repeat(w io.Writer, earlier []file) error {
	if len(earlier) == 0 {
		return nil
	}
	content, err := os.ReadFile(earlier[0].path)
	if err != nil {
		return fmt.Errorf("read an earlier file: %w", err)
	}
	_, err = w.Write(content)
	return err
}

func (s *spoiler) halfGzip(w io.Writer, n int) error {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if err := s.whole.WriteOrders(z, n); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	_, err := w.Write(packed.Bytes()[:packed.Len()/2])
	return err
}
