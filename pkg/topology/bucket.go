package topology

import (
	"path"
	"strings"
	"time"
	"unicode"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Prefixes of the bucket. A file moves from landing/ to staging/ when it is
// claimed, and from there to archive/ or quarantine/.
const (
	Landing    = "landing/"
	Staging    = "staging/"
	Archive    = "archive/"
	Quarantine = "quarantine/"
)

// IsFolder tells the name of an object that a console made to show an empty folder: it
// is no file, wherever it lies.
func IsFolder(name string) bool { return strings.HasSuffix(name, "/") }

// Reports is the prefix of the daily reports, one folder per date.
const Reports = "reports/"

// maxBaseName keeps derived names under the 1024 bytes that an object name may have.
const maxBaseName = 512

var kindFolders = map[pipelinev1.FileKind]string{
	pipelinev1.FileKind_FILE_KIND_UNSPECIFIED: "unknown",
	pipelinev1.FileKind_FILE_KIND_ORDERS:      "orders",
	pipelinev1.FileKind_FILE_KIND_PRODUCTS:    "products",
	pipelinev1.FileKind_FILE_KIND_CUSTOMERS:   "customers",
}

// KindFolder is the folder of a kind, and the kind's word in the warehouse.
func KindFolder(kind pipelinev1.FileKind) string {
	if folder, ok := kindFolders[kind]; ok {
		return folder
	}
	return kindFolders[pipelinev1.FileKind_FILE_KIND_UNSPECIFIED]
}

// Kinds lists every kind of file, the one that the pipeline does not know last.
func Kinds() []pipelinev1.FileKind {
	return []pipelinev1.FileKind{
		pipelinev1.FileKind_FILE_KIND_ORDERS, pipelinev1.FileKind_FILE_KIND_PRODUCTS, pipelinev1.FileKind_FILE_KIND_CUSTOMERS,
		pipelinev1.FileKind_FILE_KIND_UNSPECIFIED,
	}
}

// KindOf tells what a landed object holds by its folder: landing/<kind>/....
func KindOf(landingName string) pipelinev1.FileKind {
	folder, _, nested := strings.Cut(strings.TrimPrefix(landingName, Landing), "/")
	if nested {
		for kind, name := range kindFolders {
			if name == folder {
				return kind
			}
		}
	}
	return pipelinev1.FileKind_FILE_KIND_UNSPECIFIED
}

// StagingName is where a claimed file waits.
func StagingName(kind pipelinev1.FileKind, fileID, landingName string) string {
	return stagingFolder(kind, fileID) + baseName(landingName)
}

// ArchiveName is where a loaded file is kept, by the day it landed (UTC).
func ArchiveName(landedAt time.Time, kind pipelinev1.FileKind, fileID, landingName string) string {
	return archiveFolder(landedAt, kind, fileID) + baseName(landingName)
}

// QuarantineName is where a file is set aside that could not be loaded.
func QuarantineName(kind pipelinev1.FileKind, fileID, landingName string) string {
	return quarantineFolder(kind, fileID) + baseName(landingName)
}

// FileFolders are where a claimed file may be, in the order in which it gets there. Each holds
// this file alone.
func FileFolders(landedAt time.Time, kind pipelinev1.FileKind, fileID string) []string {
	return []string{stagingFolder(kind, fileID), archiveFolder(landedAt, kind, fileID), quarantineFolder(kind, fileID)}
}

func stagingFolder(kind pipelinev1.FileKind, fileID string) string {
	return Staging + KindFolder(kind) + "/" + fileID + "/"
}

func archiveFolder(landedAt time.Time, kind pipelinev1.FileKind, fileID string) string {
	return Archive + landedAt.UTC().Format("2006/01/02") + "/" + KindFolder(kind) + "/" + fileID + "/"
}

func quarantineFolder(kind pipelinev1.FileKind, fileID string) string {
	return Quarantine + KindFolder(kind) + "/" + fileID + "/"
}

// FileIDOfStaging is the file id in a staging name, or "" if it is not one of ours.
func FileIDOfStaging(name string) string {
	parts := strings.SplitN(strings.TrimPrefix(name, Staging), "/", 3)
	if !strings.HasPrefix(name, Staging) || len(parts) != 3 {
		return ""
	}
	return parts[1]
}

// baseName is the last element of an object name, cut at a rune's border.
func baseName(name string) string {
	base := path.Base(name)
	if base == "." || base == ".." || base == "/" {
		base = "unnamed"
	}
	// Object names may hold control characters, but not all that read them bear it.
	base = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '_'
		}
		return r
	}, base)
	if len(base) > maxBaseName {
		base = strings.ToValidUTF8(base[len(base)-maxBaseName:], "")
	}
	return base
}
