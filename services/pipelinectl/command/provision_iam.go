package command

import (
	"context"
	"errors"
	"io"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	iamFlag       = "iam"
	namespaceFlag = "namespace"
	numberFlag    = "project-number"
	formatFlag    = "format"
	operatorFlag  = "operator"
)

// iamMode is the flag --iam, which may stand alone: then it prints.
type iamMode string

const (
	iamPrint iamMode = "print"
	iamApply iamMode = "apply"
)

// Set implements flag.Value.
func (m *iamMode) Set(s string) error {
	switch s {
	case "true", string(iamPrint):
		*m = iamPrint
	case string(iamApply):
		*m = iamApply
	default:
		return errors.New("give --iam, --iam=print or --iam=apply")
	}
	return nil
}

func (m *iamMode) String() string { return string(*m) }

// Get implements flag.Getter.
func (m *iamMode) Get() any { return *m }

// IsBoolFlag lets the flag stand without a value.
func (m *iamMode) IsBoolFlag() bool { return true }

const permissions = "PERMISSIONS" // category of the flags

func namespaceSetting() cli.Flag {
	return &cli.StringFlag{Name: namespaceFlag, Usage: "Kubernetes namespace of the services", Value: access.Namespace, Sources: cli.EnvVars("NAMESPACE"), Category: permissions}
}

func numberSetting() cli.Flag {
	return &cli.StringFlag{Name: numberFlag, Usage: "the project's number; empty: looked up", Sources: cli.EnvVars("PROJECT_NUMBER"), Category: permissions}
}

func operatorSetting() cli.Flag {
	return &cli.StringFlag{Name: operatorFlag, Usage: "who runs release, reprocess and replay: a member such as group:oncall@example.com; empty: the cluster's service account pipelinectl", Sources: cli.EnvVars("OPERATOR"), Category: permissions}
}

func iamFlags() []cli.Flag {
	return []cli.Flag{
		&cli.GenericFlag{Name: iamFlag, Usage: "instead of resources: print the permissions of every service, or grant them with --iam=apply", Value: new(iamMode), Category: permissions},
		namespaceSetting(), numberSetting(), operatorSetting(),
		&cli.StringFlag{Name: formatFlag, Usage: "how to print permissions: commands (of gcloud and bq) or json", Value: "commands", Category: permissions},
	}
}

func runIAM(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	format := cmd.String(formatFlag)
	if cmd.String(console.OutputFlag) == render.JSON {
		format = "json"
	}
	if format != "commands" && format != "json" {
		return usage.Errorf("--%s must be commands or json, is %q", formatFlag, format)
	}
	target := access.Target{Cloud: cfg, Number: cmd.String(numberFlag), Namespace: cmd.String(namespaceFlag), Operator: cmd.String(operatorFlag)}
	if cmd.Value(iamFlag) == iamApply {
		return applyIAM(ctx, cmd, target)
	}
	if target.Number == "" {
		// Printing needs no credentials: the shell that runs the commands looks it up.
		target.Number = access.NumberVariable
	}
	bindings, err := access.Bindings(target)
	if err != nil {
		return err
	}
	if p := console.PrinterOf(cmd); p.Format == render.CSV {
		return printBindings(p, bindings)
	}
	return writeBindings(cmd.Root().Writer, format, target, bindings)
}

// printBindings prints permissions as rows.
func printBindings(p console.Printer, bindings []access.Binding) error {
	type row struct {
		Service  string      `bigquery:"service"`
		Role     string      `bigquery:"role"`
		Kind     access.Kind `bigquery:"kind"`
		Resource string      `bigquery:"resource"`
	}
	rows := make([]row, len(bindings))
	for i, b := range bindings {
		rows[i] = row{b.Service, b.Role, b.Kind, b.Resource}
	}
	return p.Rows(render.Of(rows), "")
}

func writeBindings(w io.Writer, format string, target access.Target, bindings []access.Binding) error {
	if format == "json" {
		return access.WriteJSON(w, bindings)
	}
	return access.WriteCommands(w, target, bindings)
}

// applyIAM grants what is missing and prints it; in a dry run it only prints it.
func applyIAM(ctx context.Context, cmd *cli.Command, target access.Target) (err error) {
	client, err := access.Open(ctx, target.Cloud)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if target.Number == "" {
		if target.Number, err = client.ProjectNumber(ctx); err != nil {
			return err
		}
	}
	bindings, err := access.Bindings(target)
	if err != nil {
		return err
	}
	missing, err := client.Apply(ctx, bindings, cmd.Bool(dryRunFlag))
	p := console.PrinterOf(cmd)
	if p.Format == render.Table {
		for _, b := range missing {
			p.Say("+ %s: %s on %s %s", b.Service, b.Role, b.Kind, b.Resource)
		}
	} else if printed := printBindings(p, missing); printed != nil {
		return errors.Join(err, printed)
	}
	p.Say("%d of %s missing", len(missing), plural.Of(len(bindings), "permission"))
	return err
}
