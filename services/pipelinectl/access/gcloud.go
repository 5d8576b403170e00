package access

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// NumberVariable stands for the project's number in commands that are printed
// before anybody has looked it up.
const NumberVariable = "${PROJECT_NUMBER}"

// WriteCommands prints the bindings as commands of gcloud and bq, ready for a
// shell. Each adds one binding and leaves others alone, so that running them
// again changes nothing.
func WriteCommands(w io.Writer, t Target, bindings []Binding) error {
	var out strings.Builder
	out.WriteString("#!/bin/sh\nset -eu\n")
	if t.Number == NumberVariable {
		fmt.Fprintf(&out, "PROJECT_NUMBER=$(gcloud projects describe %s --format='value(projectNumber)')\n", quote(t.Cloud.ProjectID))
	}
	service := ""
	for _, b := range bindings {
		if b.Service != service {
			service = b.Service
			fmt.Fprintf(&out, "\n# %s\nmember=%s\n", service, quote(b.Member))
		}
		out.WriteString(command(t, b) + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func command(t Target, b Binding) string {
	// Conditions must be spoken of where a policy may have some.
	condition := ""
	switch {
	case b.Condition != nil:
		condition = " --condition=" + quote("expression="+b.Condition.Expression+",title="+b.Condition.Title)
	case b.Kind == Prefix || b.Kind == Project:
		condition = " --condition=None"
	}
	grant := ` --member="$member" --role=` + b.Role + condition
	project := " --project=" + quote(t.Cloud.ProjectID)
	switch b.Kind {
	case Topic:
		return "gcloud pubsub topics add-iam-policy-binding " + quote(b.Resource) + project + grant
	case Subscription:
		return "gcloud pubsub subscriptions add-iam-policy-binding " + quote(b.Resource) + project + grant
	case Prefix:
		return "gcloud storage buckets add-iam-policy-binding " + quote("gs://"+b.Resource) + grant
	case Table:
		return "bq add-iam-policy-binding --table=true" + grant + " " + quote(t.Cloud.ProjectID+":"+t.Cloud.Dataset+"."+b.Resource)
	default:
		return "gcloud projects add-iam-policy-binding " + quote(b.Resource) + grant
	}
}

// quote makes one word of a shell of s; the variable of the project's number stays
// one.
func quote(s string) string {
	parts := strings.Split(s, NumberVariable)
	for i, part := range parts {
		if part != "" {
			parts[i] = "'" + strings.ReplaceAll(part, "'", `'\''`) + "'"
		}
	}
	return strings.Join(parts, `"`+NumberVariable+`"`)
}

// WriteJSON prints the bindings as one JSON array.
func WriteJSON(w io.Writer, bindings []Binding) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(bindings)
}
