// Package source reads a shop's own export by a description of it, not by code of its own.
// A source is a YAML file that says where each field of an order, a product or a customer
// is found in the export's records, and as what it is written there. The package makes a
// native record of each, which the one native decoder then judges: so rules, amounts and
// content hashes are the same whichever way an order came.
//
// No amount ever becomes a float: numbers stay text, and what is added up is counted in
// units and nanos. A record that is refused keeps its own bytes; the path of its fault
// names the native field and the place in the export.
//
// The package is pure: it opens no network, and a source read twice reads the same.
package source

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
)

//go:embed builtin/*.yaml
var builtin embed.FS

// Native is the folder whose files are always native records, whatever sources there are.
const Native = "native"

// Source is one source, ready to read. It does not change.
type Source struct {
	// Name is that of its file without the ending, and of the folder whose files it reads.
	Name string
	// Description is for people.
	Description string
	// BuiltIn says that it comes with the pipeline.
	BuiltIn bool

	mappings map[pipelinev1.FileKind]*Mapping
}

// Mapping reads files of one kind as a source says.
type Mapping struct {
	source    string
	kind      pipelinev1.FileKind
	json, csv *plan
	digest    string // of all that it says
}

// namePattern is what a source may be called: the name of a folder in the bucket.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// Parse reads a source from its file's content. The error names the file, and has a line
// for each thing that is wrong, with its place.
func Parse(file string, content []byte) (*Source, error) {
	name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ".yaml"), ".yml")
	if !namePattern.MatchString(name) || name == Native {
		return nil, fmt.Errorf("%s: a source is called by its file; %q is none of small letters, digits, dots, dashes and underscores, or is the word native", file, name)
	}
	c, lines, faults := readFile(content)
	if len(faults) > 0 {
		return nil, errorOf(file, lines, faults)
	}
	s := &Source{Name: name, Description: c.Description, mappings: map[pipelinev1.FileKind]*Mapping{}}
	for kind, f := range map[string]*forms{"orders": c.Orders, "products": c.Products, "customers": c.Customers} {
		if f == nil {
			continue
		}
		of := kinds[kind]
		m := &Mapping{source: name, kind: of.kind}
		if f.JSON != nil {
			m.json = compile(f.JSON, of, false, "/"+kind+"/json", &faults)
		}
		if f.CSV != nil {
			m.csv = compile(f.CSV, of, true, "/"+kind+"/csv", &faults)
		}
		said, err := json.Marshal(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		sum := sha256.Sum256(said)
		m.digest = hex.EncodeToString(sum[:])
		s.mappings[of.kind] = m
	}
	if len(faults) > 0 {
		return nil, errorOf(file, lines, faults)
	}
	return s, nil
}

var kinds = map[string]kindOf{"orders": orderKind, "products": productKind, "customers": customerKind}

// For gives the source's mapping of a kind; nil if it has none.
func (s *Source) For(kind pipelinev1.FileKind) *Mapping { return s.mappings[kind] }

// Kinds gives the folders of the kinds that the source reads.
func (s *Source) Kinds() []string {
	var list []string
	for _, name := range sortedKeys(kinds) {
		if s.mappings[kinds[name].kind] != nil {
			list = append(list, name)
		}
	}
	return list
}

// Words spells the mapping for the parse_id: a file that is read by another one is another
// reading.
func (m *Mapping) Words() []string {
	return []string{"source=" + m.source, "mapping=" + m.digest}
}

// Catalog is what the files of the mapping are a catalog of: full, parts or delta; empty if it
// does not say. Of a file that could not be opened the formats may say different things: that it is
// a part counts first, since a day that lacks a part says nothing of what it lacks.
func (m *Mapping) Catalog() string {
	var said []string
	for _, p := range []*plan{m.json, m.csv} {
		if p != nil {
			said = append(said, p.mapping.Catalog)
		}
	}
	if slices.Contains(said, "parts") {
		return "parts"
	}
	return said[0]
}

// Open begins to read a file. The error is that of split.Splitter.Next.
func (m *Mapping) Open(content io.Reader, reading decode.Reading) (Reader, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(content, head)
	rest := content
	if err != nil { // what ended it must end it again
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		rest = failing{err}
	}
	content = io.MultiReader(bytes.NewReader(head[:n]), rest)
	looksJSON := isJSON(head[:n])
	switch {
	case looksJSON && m.json != nil:
		return m.json.open(content, reading)
	case !looksJSON && m.csv != nil:
		return m.csv.open(content, reading)
	case n == 0 && m.json != nil:
		return m.json.open(content, reading)
	case n == 0:
		return m.csv.open(content, reading)
	case looksJSON:
		return nil, m.wrongFormat("JSON", "CSV")
	}
	return nil, m.wrongFormat("CSV", "JSON")
}

// BuiltInFile gives the file of a source that comes with the pipeline; fs.ErrNotExist if none
// has the name.
func BuiltInFile(name string) ([]byte, error) {
	return builtin.ReadFile("builtin/" + name + ".yaml")
}

// failing is a reader that has ended.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (m *Mapping) wrongFormat(is, reads string) error {
	return &split.FileError{Rule: rules.UnreadableFile, Detail: fmt.Sprintf("the file does not look like %s, and source %s reads %s as %s only; it looks like %s",
		reads, m.source, topology.KindFolder(m.kind), reads, is)}
}

// isJSON tells whether a text begins as JSON does, in any encoding that has two bytes for
// a character or one.
func isJSON(head []byte) bool {
	for _, c := range head {
		switch c {
		case 0, ' ', '\t', '\r', '\n', 0xef, 0xbb, 0xbf, 0xff, 0xfe:
		default:
			return c == '{' || c == '['
		}
	}
	return false
}

// Set is the sources that there are. It does not change.
type Set struct{ byName map[string]*Source }

// Load reads the sources that come with the pipeline and those of a folder (none if it is
// empty), which replace those of the same name. The error has all that is wrong in any.
func Load(folder string) (*Set, error) {
	s := &Set{byName: map[string]*Source{}}
	var faults []error
	files, err := builtin.ReadDir("builtin")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		content, err := builtin.ReadFile("builtin/" + file.Name())
		if err != nil {
			return nil, err
		}
		faults = append(faults, s.add(file.Name(), content, true))
	}
	if folder == "" {
		return s, errors.Join(faults...)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read the sources: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if ending := filepath.Ext(name); ending != ".yaml" && ending != ".yml" || strings.HasPrefix(name, ".") {
			continue
		}
		path := filepath.Join(folder, name)
		content, err := os.ReadFile(path)
		if err != nil {
			faults = append(faults, fmt.Errorf("read the sources: %w", err))
			continue
		}
		faults = append(faults, s.add(path, content, false))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Set) add(file string, content []byte, builtIn bool) error {
	source, err := Parse(file, content)
	if err != nil {
		return err
	}
	if other := s.byName[source.Name]; other != nil && other.BuiltIn == builtIn {
		return fmt.Errorf("%s: there is another file of the source %s", file, source.Name)
	}
	source.BuiltIn = builtIn
	s.byName[source.Name] = source
	return nil
}

// Names gives the sources' names in order. A nil set has none.
func (s *Set) Names() []string {
	if s == nil {
		return nil
	}
	return sortedKeys(s.byName)
}

// Get gives a source by its name; nil if there is none.
func (s *Set) Get(name string) *Source {
	if s == nil {
		return nil
	}
	return s.byName[name]
}

// For gives the mapping that a landed file is read by: that of the source which the folder
// below its kind is called by. Files in other folders, or in none, are native records; then
// it is nil. A folder that is called nearly like a source, or by one that does not know the
// kind, is an error of the file.
func (s *Set) For(kind pipelinev1.FileKind, landingName string) (*Mapping, error) {
	folder := Folder(kind, landingName)
	if folder == "" || folder == Native || s == nil {
		return nil, nil
	}
	if source := s.byName[folder]; source != nil {
		if m := source.For(kind); m != nil {
			return m, nil
		}
		return nil, &split.FileError{Rule: rules.UnknownSource, Detail: fmt.Sprintf("source %s reads %s, not %s: %s",
			folder, strings.Join(source.Kinds(), " and "), topology.KindFolder(kind), whatToDo(kind, folder))}
	}
	for _, name := range s.Names() {
		if isNearly(folder, name) {
			return nil, &split.FileError{Rule: rules.UnknownSource, Detail: fmt.Sprintf("no source is called %q; did you mean %s%s/%s/? There are %s. Files that are native records may lie in %s%s/%s/",
				folder, topology.Landing, topology.KindFolder(kind), name, strings.Join(s.Names(), ", "), topology.Landing, topology.KindFolder(kind), Native)}
		}
	}
	return nil, nil
}

// Hint says, of a native file that was mostly refused, that its folder may have been meant
// as a source's; empty if it is in no such folder.
func (s *Set) Hint(kind pipelinev1.FileKind, landingName string) string {
	folder := Folder(kind, landingName)
	if s == nil || folder == "" || folder == Native || s.byName[folder] != nil || strings.ContainsAny(folder, "=") || strings.Trim(folder, "0123456789-_") == "" {
		return ""
	}
	return fmt.Sprintf("; no source is called %q (there are %s), so that the file was read as native records: %s",
		folder, strings.Join(s.Names(), ", "), whatToDo(kind, folder))
}

func whatToDo(kind pipelinev1.FileKind, folder string) string {
	return fmt.Sprintf("describe the export in %s.yaml (pipelinectl source suggest FILE drafts it), or land native records in %s%s/", folder, topology.Landing, topology.KindFolder(kind))
}

// Folder is the folder below the one of its kind that a landed file lies in; empty if it
// lies in none.
func Folder(kind pipelinev1.FileKind, landingName string) string {
	below, ok := strings.CutPrefix(landingName, topology.Landing+topology.KindFolder(kind)+"/")
	if !ok {
		return ""
	}
	folder, _, ok := strings.Cut(below, "/")
	if !ok {
		return ""
	}
	return folder
}

// isNearly tells whether a folder was likely meant to be called by a source.
func isNearly(folder, name string) bool {
	plain := strings.NewReplacer("-", "", "_", "", ".", "", " ", "")
	if strings.EqualFold(plain.Replace(folder), plain.Replace(name)) {
		return true
	}
	return len(name) >= 6 && distance(strings.ToLower(folder), name) <= 2
}
