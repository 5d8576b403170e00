package landedfile

import (
	"slices"
	"testing"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

func TestEveryVerdictHasAWordThatMeansIt(t *testing.T) {
	t.Parallel()
	words := make(map[string]bool)
	for number, name := range pipelinev1.Verdict_name {
		verdict := pipelinev1.Verdict(number)
		word := VerdictWord(verdict)
		if words[word] {
			t.Errorf("%s has the word %q of another verdict", name, word)
		}
		words[word] = true
		if got := Verdict(word); got != verdict {
			t.Errorf("%q means %v, want %v", word, got, verdict)
		}
	}
	if got := Verdict("Loaded "); got != pipelinev1.Verdict_VERDICT_UNSPECIFIED {
		t.Errorf("a word that is none means %v", got)
	}
}

func TestRevisionWords(t *testing.T) {
	t.Parallel()
	both := &pipelinev1.Overrides{AcceptRefused: true, AcceptDuplicates: true}
	for name, test := range map[string]struct {
		file *pipelinev1.LandedFile
		want []string
	}{
		"of an older service": {&pipelinev1.LandedFile{}, nil},
		"the first":           {&pipelinev1.LandedFile{Revision: 1}, nil},
		"read again":          {&pipelinev1.LandedFile{Revision: 2}, []string{"revision=2"}},
		"with leave":          {&pipelinev1.LandedFile{Revision: 3, Overrides: both}, []string{"accept_refused", "accept_duplicates", "revision=3"}},
	} {
		if got := RevisionWords(test.file); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
