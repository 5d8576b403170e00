package estimate

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// shipped are the settings as they are in the code and in an overlay.
func (d *Deployment) shipped(set *manifest.Set) (Settings, error) {
	environments, err := environmentsOf(set)
	if err != nil {
		return Settings{}, err
	}
	if d.limits, err = limitsOf(environments); err != nil {
		return Settings{}, err
	}
	s := Settings{ColdAfterDays: int64(provision.DefaultLifecycle().ArchiveClassDays), PeriodDays: overviewDays}
	aggregator := environments[topology.Aggregator]
	if s.TransactionInterval, err = time.ParseDuration(aggregator["TRANSACTION_INTERVAL"]); err != nil {
		return s, fmt.Errorf("TRANSACTION_INTERVAL: %w", err)
	}
	if s.CompletenessInterval, err = time.ParseDuration(aggregator["COMPLETENESS_INTERVAL"]); err != nil {
		return s, fmt.Errorf("COMPLETENESS_INTERVAL: %w", err)
	}
	if s.LookbackDays, err = strconv.ParseInt(aggregator["DEDUP_LOOKBACK_DAYS"], 10, 64); err != nil {
		return s, fmt.Errorf("DEDUP_LOOKBACK_DAYS: %w", err)
	}
	if s.AuditDays, err = strconv.ParseInt(environments[dailyReports]["AUDIT_DAYS"], 10, 64); err != nil {
		return s, fmt.Errorf("AUDIT_DAYS: %w", err)
	}
	if s.ScrapeInterval, err = time.ParseDuration(set.Monitorings[0].Spec.Endpoints[0].Interval); err != nil {
		return s, fmt.Errorf("interval of the PodMonitoring: %w", err)
	}
	s.StagingDays, err = stagingDays()
	return s, err
}

// overviewDays is the period that the overview opens with (services/reporter/web/assets/overview.js).
const overviewDays = 7

// limitsOf are the MAX_BYTES_BILLED of those who query: what their pods are given, or
// the default in the code.
func limitsOf(environments map[string]map[string]string) (map[string]int64, error) {
	var aggregator loading.Config
	var reporter reporting.Config
	var reports daily.Config
	if err := errors.Join(config.Defaults(&aggregator), config.Defaults(&reporter), config.Defaults(&reports)); err != nil {
		return nil, err
	}
	limits := map[string]int64{
		topology.Aggregator: aggregator.MaxBytesBilled, topology.Reporter: reporter.MaxBytesBilled, dailyReports: reports.MaxBytesBilled,
	}
	for name := range limits {
		given, ok := environments[name]["MAX_BYTES_BILLED"]
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(given, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("MAX_BYTES_BILLED of %s: %w", name, err)
		}
		limits[name] = n
	}
	return limits, nil
}

// dailyReports is the CronJob of the nightly reports.
const dailyReports = "daily-reports"

// environmentsOf are the variables that the pods of each workload get.
func environmentsOf(prod *manifest.Set) (map[string]map[string]string, error) {
	containers := make(map[string]*corev1.Container)
	for _, w := range prod.Deployments {
		containers[w.Name] = &w.Spec.Template.Spec.Containers[0]
	}
	for _, w := range prod.CronJobs {
		containers[w.Name] = &w.Spec.JobTemplate.Spec.Template.Spec.Containers[0]
	}
	environments := make(map[string]map[string]string)
	for name, container := range containers {
		environment, err := prod.Environment(container)
		if err != nil {
			return nil, fmt.Errorf("variables of %s: %w", name, err)
		}
		environments[name] = environment
	}
	return environments, nil
}

func stagingDays() (int64, error) {
	all, err := schema.Tables()
	if err != nil {
		return 0, err
	}
	for _, t := range all {
		if t.Name == "staging_orders" {
			return int64(t.PartitionExpirationDays), nil
		}
	}
	return 0, fmt.Errorf("the schema has no staging_orders")
}
