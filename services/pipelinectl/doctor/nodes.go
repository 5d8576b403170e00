package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
)

// nodes asks whether the cluster's nodes may pull images and report: without that, pods
// end in ImagePullBackOff, and no error of theirs tells why.
func (e *examiner) nodes(ctx context.Context) {
	const check = "nodes"
	if !e.needs(check, apiPubSub) {
		return
	}
	client := access.Client{PubSub: e.pubsub, Storage: e.storage, BigQuery: e.bigquery, Config: e.cfg}
	target := access.Target{Cloud: e.cfg, Number: e.opts.ProjectNumber, Namespace: e.opts.Namespace}
	if target.Number == "" {
		number, err := client.ProjectNumber(ctx)
		if err != nil {
			e.add(check, Skip, err.Error(), "")
			return
		}
		target.Number = number
	}
	wanted := append(access.NodeBindings(target), access.NodeEditor(target))
	missing, err := client.Apply(ctx, wanted, true)
	if err != nil {
		e.add(check, Skip, err.Error(), "")
		return
	}
	e.findings = append(e.findings, judgeNodes(target, missing))
}

// judgeNodes says what it means that the nodes' account lacks these bindings. It is a
// warning at most: the nodes may run as another account, or be granted a registry alone.
func judgeNodes(target access.Target, missing []access.Binding) Finding {
	f := Finding{Check: "nodes", Status: OK, Detail: target.NodeAccount() + " may pull images and report"}
	var lacking []string
	for _, b := range missing {
		if b == access.NodeEditor(target) {
			continue
		}
		lacking = append(lacking, b.Role)
	}
	if editor := !slices.Contains(missing, access.NodeEditor(target)); editor || len(lacking) == 0 {
		return f
	}
	f.Status = Warn
	f.Detail = fmt.Sprintf("%s lacks %s; pods would end in ImagePullBackOff", target.NodeAccount(), strings.Join(lacking, " and "))
	var commands []string
	for _, role := range lacking {
		commands = append(commands, fmt.Sprintf("gcloud projects add-iam-policy-binding %s --member=serviceAccount:%s --role=%s --condition=None",
			target.Cloud.ProjectID, target.NodeAccount(), role))
	}
	f.Remedy = "Unless the nodes run as another account, run: " + strings.Join(commands, "; ")
	return f
}
