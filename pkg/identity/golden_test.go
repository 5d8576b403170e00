package identity

import "testing"

// TestGoldenIDs: ids stand as keys in stored tables and object names, so that one that
// changes would have every file and every order taken for a new one.
func TestGoldenIDs(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	h.String("O-1")
	h.Bytes([]byte("C-1"))
	h.Int(-7)
	for what, ids := range map[string][2]string{
		"file":        {FileID("bucket", "landing/orders/a.json", 1234567890123456), "wqjqh4kydfcb6f2o5r6rc47nrm"},
		"parse":       {ParseID("file", "3", "currency=USD", "revision=2"), "2ai3q5bpynzqebcnr57xa7v24u"},
		"dead letter": {DeadLetterID("files-landed.parser", "42"), "rlzrkatwubfxanvh3ujsfamsti"},
		"content":     {h.Sum(), "wuevw426wnsbsvlukftjktk7eu"},
	} {
		if ids[0] != ids[1] {
			t.Errorf("the id of a %s is %s, was %s", what, ids[0], ids[1])
		}
	}
}
