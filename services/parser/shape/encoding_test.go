package shape_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/zackkki/ecomm_datapipeline/services/parser/shape"
)

// TestEncodingName writes words as exports of several countries have them.
func TestEncodingName(t *testing.T) {
	t.Parallel()
	for text, test := range map[string]struct {
		by   encoding.Encoding
		want string
	}{
		"P-1,Müsli,Früchte,Größe":           {charmap.Windows1252, "windows-1252"},
		"P-2,Crème brûlée,pâtisserie":       {charmap.ISO8859_1, "windows-1252"},
		"P-3,Café 5 € “new”":                {charmap.Windows1252, "windows-1252"},
		"P-4,Fläche 25 m² à 1/2° Nº":        {charmap.Windows1252, "windows-1252"},
		"P-5,Mañana,niño,¿qué?":             {charmap.Windows1252, "windows-1252"},
		"P-6,Smørrebrød,Århus":              {charmap.Windows1252, "windows-1252"},
		"P-7,Müsli,Käse,Größe,Höhe":         {charmap.CodePage850, "cp850"},
		"P-8,Müsli,Käse,Bär":                {charmap.Macintosh, "macintosh"},
		"P-9,Кружка синяя,Дом":              {charmap.Windows1251, "windows-1251"},
		"P-10,Кружка синяя,Дом":             {charmap.KOI8R, "koi8-r"},
		"P-11,Κούπα μπλέ,σπίτι και κήπος":   {charmap.Windows1253, "windows-1253"},
		"P-12,Kubek żółty,Świeca,książka":   {charmap.ISO8859_2, "iso-8859-2"},
		"P-13,Kubek żółty,książka,łódź,mąż": {charmap.Windows1250, "windows-1250"},
		"P-14,東京のカップ,茶碗":                    {japanese.ShiftJIS, "unknown"},
		"P-15,蓝色杯子,家居用品":                    {simplifiedchinese.GBK, "unknown"},
	} {
		raw, err := test.by.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := shape.EncodingName([]byte(raw)); got != test.want {
			t.Errorf("%s: %s, want %s", text, got, test.want)
		}
		says := shape.Encoding([]byte(raw))
		if !strings.Contains(says, "iconv -f") || test.want != "unknown" && !strings.Contains(says, "it looks like "+test.want+";") {
			t.Errorf("%s: %s", text, says)
		}
	}
	if got := shape.EncodingName([]byte("Кружка, Müsli, 東京")); got != "" {
		t.Errorf("UTF-8 is taken for %s", got)
	}
}
