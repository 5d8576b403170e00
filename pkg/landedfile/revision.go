// Package landedfile is what every service knows of a landed file: its revision, what
// an operator allows it, and the words for what becomes of it. Package claim has what
// the metadata of the waiting object say.
package landedfile

import (
	"strconv"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Words for what a revision is allowed, in the warehouse and in a parse_id.
const (
	AcceptRefused    = "accept_refused"
	AcceptDuplicates = "accept_duplicates"
)

// Revision is how often a file has been asked for, from 1.
func Revision(file *pipelinev1.LandedFile) int64 { return max(1, file.GetRevision()) }

// IsReadAgain tells whether the file was read before, under a lower revision.
func IsReadAgain(file *pipelinev1.LandedFile) bool { return Revision(file) > 1 }

// OverrideWords are the words for what a revision is allowed.
func OverrideWords(file *pipelinev1.LandedFile) []string {
	var words []string
	if file.GetOverrides().GetAcceptRefused() {
		words = append(words, AcceptRefused)
	}
	if file.GetOverrides().GetAcceptDuplicates() {
		words = append(words, AcceptDuplicates)
	}
	return words
}

// RevisionWords are the words of a parse_id that tell a file's revisions apart;
// the first has none. With them each revision has rows of its own in staging: one
// that was read under other rules, or that has lost a row, is never mixed in.
func RevisionWords(file *pipelinev1.LandedFile) []string {
	words := OverrideWords(file)
	if IsReadAgain(file) {
		words = append(words, "revision="+strconv.FormatInt(Revision(file), 10))
	}
	return words
}
