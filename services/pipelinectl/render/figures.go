package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"cloud.google.com/go/bigquery"
)

// Figures makes a result of a document: a row for each value in it, by the path that leads
// there in its JSON, such as outages.0.seconds. Lists and objects of nothing have no row.
func Figures(document any) (Result, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return Result{}, fmt.Errorf("render figures: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var rows [][]bigquery.Value
	if err := figures(decoder, "", func(path, value string) { rows = append(rows, []bigquery.Value{path, value}) }); err != nil {
		return Result{}, fmt.Errorf("render figures: %w", err)
	}
	schema := bigquery.Schema{{Name: "figure", Type: bigquery.StringFieldType}, {Name: "value", Type: bigquery.StringFieldType}}
	return Result{Rows: Each(rows), Schema: func() bigquery.Schema { return schema }}, nil
}

// figures visits the values of the next JSON value, in their order.
func figures(decoder *json.Decoder, path string, visit func(path, value string)) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	opened, ok := token.(json.Delim)
	if !ok {
		if token == nil {
			token = ""
		}
		visit(path, fmt.Sprint(token))
		return nil
	}
	below := path
	if below != "" {
		below += "."
	}
	for i := 0; decoder.More(); i++ {
		name := strconv.Itoa(i)
		if opened == '{' {
			key, err := decoder.Token()
			if err != nil {
				return err
			}
			name = fmt.Sprint(key)
		}
		if err := figures(decoder, below+name, visit); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
