package verify

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// refusedRecord is a row of rejected_records.
type refusedRecord struct {
	index, offset, length int64
	sha256                string
	payload               []byte
}

// refused compares the refused records of a file with its bytes.
func (r *recomputation) refused(ctx context.Context, file reference.File, k *keptFile) ([]Violation, error) {
	var records []refusedRecord
	params := warehouse.Params{"parse_id": k.parseID, "landed_date": civil.DateOf(k.LandedAt.UTC())}
	err := r.eachRowOf(ctx, "check/file_refused", params, func(row []bigquery.Value) error {
		var rec refusedRecord
		rec.payload, _ = row[4].([]byte)
		row[4] = nil
		var unused text
		if err := scan(row, &rec.index, &unused, &rec.offset, &rec.length, &unused, &rec.sha256); err != nil {
			return err
		}
		records = append(records, rec)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the refused records of %s: %w", k.Name, err)
	}
	if len(records) == 0 {
		return nil, nil
	}
	source, err := reference.Contents(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", k.object, err)
	}
	defer source.Close()
	var found findings
	found.begin("archive_refused")
	in := bufio.NewReaderSize(source, 64<<10)
	at := int64(0)
	for _, rec := range records {
		where := fmt.Sprintf("%s record %d", k.Name, rec.index)
		if rec.offset < at || rec.length < 0 {
			found.add("%s: byte_offset %d and byte_length %d are of no record of the file", where, rec.offset, rec.length)
			continue
		}
		if _, err := io.CopyN(io.Discard, in, rec.offset-at); err != nil {
			found.add("%s: byte_offset is %d, where the file has no record", where, rec.offset)
			break
		}
		hash, start := sha256.New(), &head{}
		n, _ := io.CopyN(io.MultiWriter(hash, start), in, rec.length)
		at = rec.offset + n
		switch sum := hex.EncodeToString(hash.Sum(nil)); {
		case sum != rec.sha256:
			found.add("%s: sha256 is %s, of the file's bytes at byte_offset %d it is %s", where, rec.sha256, rec.offset, sum)
		case !bytes.Equal(start.kept, rec.payload):
			found.add("%s: the payload is not what the file has at byte_offset %d", where, rec.offset)
		}
	}
	return found.sorted(), nil
}

// head keeps the first MiB that is written to it.
type head struct{ kept []byte }

func (h *head) Write(b []byte) (int, error) {
	h.kept = append(h.kept, b[:min(len(b), 1<<20-len(h.kept))]...)
	return len(b), nil
}
