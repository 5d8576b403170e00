package store

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxObjectName = 1024 // bytes; https://cloud.google.com/storage/docs/objects#naming

	// folderLevels is how many leading segments of a name become folders. The
	// rest goes into the file's name: a folder per object, as in
	// staging/orders/<id>/<name>, would be made and removed with each, and ext4
	// slows creation to a millisecond while it remembers thousands of inodes
	// deleted in the last minute.
	folderLevels = 2

	// maxSegment is where a name is hashed instead of spelled: NAME_MAX is 255
	// bytes on common file systems.
	maxSegment = 200

	hashedDir = "%long" // no escaped segment can be this: a literal % is written %25
)

// bucketName is the rule of https://cloud.google.com/storage/docs/buckets#naming.
// It also makes a bucket's name safe as one path segment.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$`)

func checkBucketName(name string) error {
	if !bucketName.MatchString(name) || strings.Contains(name, "..") || (len(name) > 63 && !strings.Contains(name, ".")) {
		return invalidf("Invalid bucket name: %q", name)
	}
	return nil
}

func checkObjectName(name string) error {
	switch {
	case name == "":
		return refuse(NameMissing, "Required")
	case len(name) > maxObjectName:
		return invalidf("The maximum object length is %d characters, but got a name with %d characters.", maxObjectName, len(name))
	case !utf8.ValidString(name), strings.ContainsAny(name, "\r\n"), name == ".", name == "..",
		strings.HasPrefix(name, ".well-known/acme-challenge/"):
		return invalidf("Invalid object name: %q", name)
	}
	return nil
}

// blobPath is where a body lies inside its bucket's folder: the object's name
// with every segment escaped, then "@" and the body's number. Because only
// bodies hold an "@", the objects "a" and "a/b" never meet as file and folder;
// because the number is unique, neither do two names that a case-insensitive
// file system takes for one.
func blobPath(name string, blob int64) string {
	suffix := "@" + strconv.FormatInt(blob, 10)
	segments := strings.SplitN(name, "/", folderLevels+1)
	for i, s := range segments {
		if i == folderLevels {
			leaf := strings.Split(s, "/")
			for j := range leaf {
				leaf[j] = escapeSegment(leaf[j])
			}
			segments[i] = strings.Join(leaf, "%2F")
		} else {
			segments[i] = escapeSegment(s)
		}
		if len(segments[i]) > maxSegment {
			sum := sha256.Sum256([]byte(name))
			return filepath.Join(hashedDir, hex.EncodeToString(sum[:])+suffix)
		}
	}
	return filepath.Join(segments...) + suffix
}

// escapeSegment makes one segment of an object's name safe as a file's name
// without losing a byte of it. Letters of any script stay readable.
func escapeSegment(s string) string {
	switch s {
	case "":
		return "%" // what no escape looks like, so "a//b" and "a/" stay distinct
	case ".":
		return "%2E"
	case "..":
		return "%2E%2E"
	}
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c < 0x20, c == 0x7f, strings.IndexByte(`%@\:*?"<>|`, c) >= 0:
			const digits = "0123456789ABCDEF"
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// blobNumber reads the number back from a body's file name; ok is false for
// files that are not bodies.
func blobNumber(file string) (blob int64, ok bool) {
	i := strings.LastIndexByte(file, '@')
	if i < 0 {
		return 0, false
	}
	blob, err := strconv.ParseInt(file[i+1:], 10, 64)
	return blob, err == nil && blob > 0
}
