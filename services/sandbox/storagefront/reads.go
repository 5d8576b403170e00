package storagefront

import (
	"io"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// What other services of the embedded cloud read in a bucket, they read without the API, as
// Google's own do: none of its faults befalls them.

// Names lists a bucket's objects whose names begin with a prefix.
func (s *Server) Names(bucket, prefix string) ([]string, error) {
	var names []string
	for listing := (store.Listing{Prefix: prefix, Limit: 1000}); ; {
		page, err := s.store.List(bucket, listing)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Objects {
			names = append(names, o.Name)
		}
		if page.Next == (store.Place{}) {
			return names, nil
		}
		listing.After = page.Next
	}
}

// Open opens an object's bytes and gives their number.
func (s *Server) Open(bucket, name string) (io.ReadCloser, int64, error) {
	o, f, err := s.store.Open(store.Ref{Bucket: bucket, Name: name})
	if err != nil {
		return nil, 0, err
	}
	return f, o.Size, nil
}
