package storagefront

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/uploads"
)

// drainLimit is how much of a refused upload is still read, so that the client
// gets to see the refusal instead of a broken connection.
const drainLimit = 32 << 20

// serveUpload is the table of /upload/storage/v1/.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request, q url.Values, path []string) (err error) {
	p := segments(path)
	if p.shape() != "b/*/o" {
		return unserved(r)
	}
	defer func() {
		if err != nil {
			io.CopyN(io.Discard, r.Body, drainLimit)
		}
	}()
	if id := q.Get("upload_id"); id != "" {
		return s.continueSession(w, r, id)
	}
	if r.Method != http.MethodPost {
		return unserved(r)
	}
	switch kind := q.Get("uploadType"); kind {
	case "media":
		return s.uploadMedia(w, r, q, p.at(1))
	case "multipart":
		return s.uploadMultipart(w, r, q, p.at(1))
	case "resumable":
		return s.startSession(w, r, q, p.at(1))
	default:
		return unservedf("uploadType=%s", kind)
	}
}

// parseUpload joins the query and the object resource of an upload.
func (s *Server) parseUpload(q url.Values, bucketName string, f fields, contentType string) (u store.Upload, err error) {
	u.Bucket = bucketName
	if u.Name, err = f.text("name"); err != nil {
		return store.Upload{}, err
	}
	if name := q.Get("name"); name != "" {
		u.Name = name
	}
	if q.Get("kmsKeyName") != "" {
		return store.Upload{}, unservedf("the parameter kmsKeyName")
	}
	if u.Conditions, err = queryConditions(q, ""); err != nil {
		return store.Upload{}, err
	}
	if u.Meta, err = patchMetadata(store.Metadata{}, f); err != nil {
		return store.Upload{}, err
	}
	if u.Meta.ContentType == "" {
		u.Meta.ContentType = strings.ToValidUTF8(contentType, "")
	}
	if e := q.Get("contentEncoding"); e != "" {
		u.Meta.ContentEncoding = strings.ToValidUTF8(e, "")
	}
	if u.Want, err = wantedSums(f); err != nil {
		return store.Upload{}, err
	}
	return u, s.store.Check(u.Ref())
}

func wantedSums(f fields) (w store.Sums, err error) {
	crc, err := f.text("crc32c")
	if err != nil {
		return store.Sums{}, err
	}
	sum, err := f.text("md5Hash")
	if err != nil {
		return store.Sums{}, err
	}
	return parseSums(crc, sum)
}

// parseSums reads checksums in the API's base64; "" means none.
func parseSums(crc, sum string) (w store.Sums, err error) {
	if crc != "" {
		b, err := base64.StdEncoding.DecodeString(crc)
		if err != nil || len(b) != 4 {
			return store.Sums{}, invalidf("Invalid value for crc32c: %q", crc)
		}
		n := binary.BigEndian.Uint32(b)
		w.CRC32C = &n
	}
	if sum != "" {
		if w.MD5, err = base64.StdEncoding.DecodeString(sum); err != nil || len(w.MD5) != 16 {
			return store.Sums{}, invalidf("Invalid value for md5Hash: %q", sum)
		}
	}
	return w, nil
}

// headerSums reads an X-Goog-Hash header: "crc32c=...,md5=...".
func headerSums(h http.Header) (store.Sums, error) {
	var crc, sum string
	for _, line := range h.Values("X-Goog-Hash") {
		for part := range strings.SplitSeq(line, ",") {
			switch key, value, _ := strings.Cut(strings.TrimSpace(part), "="); key {
			case "crc32c":
				crc = value
			case "md5":
				sum = value
			}
		}
	}
	return parseSums(crc, sum)
}

// uploadMedia stores a body that is the object, its metadata being in the query.
func (s *Server) uploadMedia(w http.ResponseWriter, r *http.Request, q url.Values, bucketName string) error {
	u, err := s.parseUpload(q, bucketName, nil, r.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	return s.receive(w, u, r.Body, r.Header)
}

// uploadMultipart stores a body of two parts: the resource in JSON, the bytes.
func (s *Server) uploadMultipart(w http.ResponseWriter, r *http.Request, q url.Values, bucketName string) error {
	border, err := uploads.Boundary(r.Header.Get("Content-Type"))
	if err != nil {
		return invalidf("%v", err)
	}
	parts := multipart.NewReader(r.Body, border)
	part, err := parts.NextRawPart()
	if err != nil {
		return invalidf("Malformed multipart body: %v", err)
	}
	var f fields
	if err := decodeJSON(part, &f); err != nil {
		return err
	}
	if part, err = parts.NextRawPart(); err != nil {
		return invalidf("Malformed multipart body: %v", err)
	}
	u, err := s.parseUpload(q, bucketName, f, part.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	return s.receive(w, u, part, r.Header)
}

// receive stores the bytes of a single-request upload and answers its resource.
func (s *Server) receive(w http.ResponseWriter, u store.Upload, from io.Reader, h http.Header) error {
	inHeader, err := headerSums(h)
	if err != nil {
		return err
	}
	in, err := s.store.NewBody()
	if err != nil {
		return err
	}
	defer in.Discard()
	source := &uploads.Source{Reader: from}
	if _, err := in.ReadFrom(source); err != nil {
		if source.Err != nil {
			return invalidf("The upload ended early: %v", source.Err)
		}
		return err
	}
	o, err := s.store.Create(u, in, inHeader)
	return s.answer(w, o, err)
}
