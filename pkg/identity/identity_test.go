package identity

import "testing"

func TestIDsDependOnEveryPart(t *testing.T) {
	t.Parallel()
	ids := map[string]string{
		"file":                 FileID("b", "landing/orders/a.json", 1),
		"other generation":     FileID("b", "landing/orders/a.json", 2),
		"shifted part border":  FileID("bl", "anding/orders/a.json", 1),
		"reading":              ParseID("f", "1", "share=0.5"),
		"reading, other rules": ParseID("f", "2", "share=0.5"),
		"reading, no policy":   ParseID("f", "1"),
		"empty parts":          New("", ""),
		"one empty part":       New(""),
	}
	seen := map[string]string{}
	for name, id := range ids {
		if len(id) != 26 {
			t.Errorf("%s: id %q has %d characters, want 26", name, id, len(id))
		}
		if other, ok := seen[id]; ok {
			t.Errorf("%s and %s have the same id", name, other)
		}
		seen[id] = name
	}
	if again := FileID("b", "landing/orders/a.json", 1); again != ids["file"] {
		t.Errorf("the same file has the ids %s and %s", ids["file"], again)
	}
}

func BenchmarkHasher(b *testing.B) {
	h := NewHasher()
	b.ReportAllocs()
	for b.Loop() {
		h.Reset()
		for range 12 {
			h.String("54504ace-4651-44cc-b81c-4efba6b88aa3")
		}
		_ = h.Sum()
	}
}
