package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	"google.golang.org/protobuf/proto"

	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// store keeps every message under a key that is the same whenever it comes again, so that
// neither repetition nor order matters. It drops nothing: one that lives for years would drop
// the readings that later ones of their files have replaced.
type store struct{ db *bbolt.DB }

var (
	recordsBucket  = []byte("records")  // parse_id and position: Order
	filesBucket    = []byte("files")    // file_id: FileCompleted of its newest reading
	restoredBucket = []byte("restored") // RestoredRange: nothing
)

func openStore(path string) (*store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 10 * time.Second})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{recordsBucket, filesBucket, restoredBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", path, err), db.Close())
	}
	return &store{db}, nil
}

func (s *store) close() error { return s.db.Close() }

// recordKey sorts the records of a reading by their position.
func recordKey(parseID string, index int64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(parseID), 0), uint64(index))
}

// putOrder keeps a record. Whether it counts, its file's completion will tell.
func (s *store) putOrder(order *ordersv1.Order) error {
	data, err := proto.Marshal(order)
	if err != nil {
		return err
	}
	source := order.GetSource()
	return s.db.Batch(func(tx *bbolt.Tx) error {
		return tx.Bucket(recordsBucket).Put(recordKey(source.GetParseId(), source.GetRecordIndex()), data)
	})
}

// putFile keeps what became of a file, unless that of a later revision is known.
func (s *store) putFile(done *pipelinev1.FileCompleted) error {
	data, err := proto.Marshal(done)
	if err != nil {
		return err
	}
	return s.db.Batch(func(tx *bbolt.Tx) error {
		// What is restored stays so whatever becomes of this file.
		for _, r := range done.GetRestored() {
			key, err := proto.MarshalOptions{Deterministic: true}.Marshal(r)
			if err != nil {
				return err
			}
			if err := tx.Bucket(restoredBucket).Put(key, nil); err != nil {
				return err
			}
		}
		files, id := tx.Bucket(filesBucket), []byte(done.GetFile().GetFileId())
		known := new(pipelinev1.FileCompleted)
		if err := proto.Unmarshal(files.Get(id), known); err != nil {
			return err
		}
		if known.GetRevision() > done.GetRevision() {
			return nil
		}
		// Records that were published before the subscription was made came from the warehouse, if they
		// did; the announcement of these says how many did not.
		if known.GetRevision() == done.GetRevision() && known.GetNotRepublished() > done.GetNotRepublished() {
			return nil
		}
		return files.Put(id, data)
	})
}
