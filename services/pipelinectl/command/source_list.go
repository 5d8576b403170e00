package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"cloud.google.com/go/bigquery"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/check"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

// defaultSourcesDir is where a sandbox keeps its sources.
func defaultSourcesDir() string { return inSandbox("sources") }

// existing gives the folder if there is one: that of a sandbox which never ran has no sources.
func existing(folder string) string {
	if _, err := os.Stat(folder); os.IsNotExist(err) && folder == defaultSourcesDir() {
		return ""
	}
	return folder
}

// listed is a line of source list.
type listed struct {
	Name    string              `bigquery:"name"`
	Kinds   []string            `bigquery:"kinds"`
	Folders []string            `bigquery:"folders"`
	From    string              `bigquery:"from"`
	Wrong   bigquery.NullString `bigquery:"wrong"`
}

func runSourceList(_ context.Context, cmd *cli.Command) error {
	list, err := listSources(existing(cmd.String(sourcesFlag)))
	if err != nil {
		return err
	}
	if p := console.PrinterOf(cmd); p.Format != render.Table {
		err = p.Rows(render.Of(list), "")
	} else {
		err = printSources(cmd, list)
	}
	if err != nil {
		return err
	}
	for _, each := range list {
		if each.Wrong.Valid {
			return errors.New("a source is not valid, so that no parser starts with this folder")
		}
	}
	return nil
}

func printSources(cmd *cli.Command, list []listed) error {
	tabs := tabwriter.NewWriter(cmd.Root().Writer, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tabs, "SOURCE\tFROM\tFILES GO TO")
	for _, each := range list {
		where := strings.Join(each.Folders, ", ")
		if each.Wrong.Valid {
			where = "wrong: " + strings.ReplaceAll(each.Wrong.StringVal, "\n", "\n\t\t")
		}
		fmt.Fprintf(tabs, "%s\t%s\t%s\n", each.Name, each.From, where)
	}
	return tabs.Flush()
}

// listSources gives the sources built in and those of a folder, each read by itself, so that
// one that is wrong does not hide the others.
func listSources(folder string) ([]listed, error) {
	set, err := source.Load("")
	if err != nil {
		return nil, err
	}
	byName := map[string]listed{}
	for _, name := range set.Names() {
		byName[name] = listedOf(set.Get(name), "built in")
	}
	files, err := sourceFiles(folder)
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		s, err := source.Parse(path, content)
		if err != nil {
			byName[name] = listed{Name: name, Kinds: []string{}, Folders: []string{}, From: path, Wrong: bigquery.NullString{StringVal: err.Error(), Valid: true}}
			continue
		}
		byName[name] = listedOf(s, path)
	}
	var list []listed
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		list = append(list, byName[name])
	}
	return list, nil
}

func listedOf(s *source.Source, from string) listed {
	l := listed{Name: s.Name, Kinds: s.Kinds(), From: from}
	for _, kind := range l.Kinds {
		l.Folders = append(l.Folders, "landing/"+kind+"/"+s.Name+"/")
	}
	return l
}

// sourceFiles gives the files of sources in a folder, in order.
func sourceFiles(folder string) ([]string, error) {
	if folder == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if ending := filepath.Ext(entry.Name()); (ending == ".yaml" || ending == ".yml") && !strings.HasPrefix(entry.Name(), ".") {
			files = append(files, filepath.Join(folder, entry.Name()))
		}
	}
	return files, nil
}

func runSourceShow(_ context.Context, cmd *cli.Command) error {
	name, err := oneName(cmd)
	if err != nil {
		return err
	}
	files, err := sourceFiles(existing(cmd.String(sourcesFlag)))
	if err != nil {
		return err
	}
	for _, path := range files {
		if strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) != name {
			continue
		}
		content, err := os.ReadFile(path)
		if err == nil {
			_, err = cmd.Root().Writer.Write(content)
		}
		return err
	}
	content, err := source.BuiltInFile(name)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return fmt.Errorf("%w: no source is called %q (pipelinectl source list)", check.ErrUsage, name)
	}
	_, err = cmd.Root().Writer.Write(content)
	return err
}

func oneName(cmd *cli.Command) (string, error) {
	if cmd.Args().Len() != 1 {
		return "", fmt.Errorf("%w: give a source's name", check.ErrUsage)
	}
	return cmd.Args().First(), nil
}
