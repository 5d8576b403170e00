package node

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// probe asks the container's probes as a kubelet does: the startup probe until it
// succeeds, then the other two side by side. It returns when the process is to be
// restarted, with the reason, or nil when ctx is done.
func (p *Pod) probe(ctx context.Context) error {
	if err := p.await(ctx, p.container.StartupProbe); err != nil {
		return err
	}
	live := make(chan error, 1)
	go func() { live <- p.watch(ctx, p.container.LivenessProbe, func(bool) {}) }()
	probing, stop := context.WithCancel(ctx)
	readiness := make(chan struct{})
	go func() {
		defer close(readiness)
		for probing.Err() == nil {
			// To fail for good means nothing for readiness but to be asked on.
			_ = p.watch(probing, p.container.ReadinessProbe, p.ready.Store)
		}
	}()
	err := <-live
	stop()
	<-readiness
	p.ready.Store(false)
	return err
}

// await asks until the first success.
func (p *Pod) await(ctx context.Context, probe *corev1.Probe) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	return p.watch(watching, probe, func(ok bool) {
		if ok {
			stop()
		}
	})
}

// watch asks until as many answers in a row are failures as the probe bears, and
// returns the last one, or nil when ctx is done. note gets every change that counts.
func (p *Pod) watch(ctx context.Context, probe *corev1.Probe, note func(ok bool)) error {
	period, bears := seconds(probe.PeriodSeconds, 10), int(max(probe.FailureThreshold, 1))
	ticks := time.NewTicker(period)
	defer ticks.Stop()
	failures := 0
	for {
		err := p.ask(ctx, probe)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			failures = 0
			note(true)
		} else if failures++; failures >= bears {
			note(false)
			return fmt.Errorf("%s failed %d times: %w", probe.HTTPGet.Path, failures, err)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (p *Pod) ask(ctx context.Context, probe *corev1.Probe) error {
	ctx, cancel := context.WithTimeout(ctx, seconds(probe.TimeoutSeconds, 1))
	defer cancel()
	url := "http://" + p.Address(probe.HTTPGet.Port.String()) + probe.HTTPGet.Path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := probes.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode >= 400 {
		return errors.New(response.Status)
	}
	return nil
}

// probes opens a connection for each question, as kubelets do, so that a process
// which accepts none is found.
var probes = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// seconds is a probe's number, or the API's default where it is not given.
func seconds(n, otherwise int32) time.Duration {
	if n == 0 {
		n = otherwise
	}
	return time.Duration(n) * time.Second
}
