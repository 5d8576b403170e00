package node

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// portVariables tell a program the ports that a pod has for itself, by image and by the
// port's name. A program that is not named takes all of its one port's address.
var portVariables = map[string]map[string]string{
	"sandbox": {
		"pubsub": "SANDBOX_PUBSUB_PORT", "storage": "SANDBOX_STORAGE_PORT",
		"bigquery": "SANDBOX_BIGQUERY_PORT", "bigquery-append": "SANDBOX_BIGQUERY_STORAGE_PORT",
		"http": "SANDBOX_READY_PORT",
	},
}

const addressVariable = "LISTEN_ADDR"

// host is what every Service's name becomes.
const host = "127.0.0.1"

// ports gives the containers' ports a place on this machine. The first pod of a
// Deployment has the one that its Services lead to.
type ports struct {
	mu       sync.Mutex
	services map[string]map[int32]string // host:port, by Service and its port
	first    map[string]map[string]int   // by Deployment and port name
	taken    map[int]bool
}

func newPorts(set *manifest.Set) (*ports, error) {
	p := &ports{services: make(map[string]map[int32]string), first: make(map[string]map[string]int), taken: make(map[int]bool)}
	for _, d := range set.Deployments {
		p.first[d.Name] = make(map[string]int)
		for _, c := range d.Spec.Template.Spec.Containers[0].Ports {
			port, err := p.free()
			if err != nil {
				return nil, err
			}
			p.first[d.Name][c.Name] = port
		}
	}
	for _, s := range set.Services {
		p.services[s.Name] = make(map[int32]string)
		for _, d := range set.Deployments {
			if !labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(d.Spec.Template.Labels)) {
				continue
			}
			for _, port := range s.Spec.Ports {
				p.services[s.Name][port.Port] = net.JoinHostPort(host, strconv.Itoa(p.first[d.Name][port.TargetPort.String()]))
			}
		}
	}
	return p, nil
}

// free finds a port that nobody listens on. It keeps below the range from which
// systems give out ports by themselves, so that no connection can take it before the
// pod does.
func (p *ports) free() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range 1000 {
		port := 10_000 + rand.IntN(22_000)
		if p.taken[port] {
			continue
		}
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			return 0, err
		}
		p.taken[port] = true
		return port, nil
	}
	return 0, errors.New("no free port was found")
}

// of are the ports of a Deployment's replica, by name.
func (p *ports) of(deployment string, replica int, container *corev1.Container) (map[string]int, error) {
	if replica == 0 {
		return p.first[deployment], nil
	}
	own := make(map[string]int)
	for _, c := range container.Ports {
		port, err := p.free()
		if err != nil {
			return nil, err
		}
		own[c.Name] = port
	}
	return own, nil
}

// variables tell a program its ports.
func (p *ports) variables(image string, own map[string]int) map[string]string {
	variables := make(map[string]string)
	for name, port := range own {
		if variable, ok := portVariables[image][name]; ok {
			variables[variable] = strconv.Itoa(port)
		} else {
			variables[addressVariable] = net.JoinHostPort(host, strconv.Itoa(port))
		}
	}
	return variables
}

// translate makes addresses of the cluster some of this machine, alone or as URLs in a
// list; any other value stays what it is.
func (p *ports) translate(value string) string {
	const scheme = "http://"
	if !strings.Contains(value, scheme) {
		return p.translateAddress(value)
	}
	entries := strings.Split(value, ",")
	for i, entry := range entries {
		before, name, isURL := strings.Cut(entry, scheme)
		if address, ok := p.services[name][80]; isURL && ok {
			entries[i] = before + scheme + address
		} else if isURL {
			entries[i] = before + scheme + p.translateAddress(name)
		}
	}
	return strings.Join(entries, ",")
}

func (p *ports) translateAddress(value string) string {
	if _, ok := p.services[value]; ok {
		return host
	}
	name, port, err := net.SplitHostPort(value)
	if err != nil || p.services[name] == nil {
		return value
	}
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		return value
	}
	if address, ok := p.services[name][int32(number)]; ok {
		return address
	}
	return value
}

// names is the Service that a value is an address of, or "".
func (p *ports) names(value string) string {
	name, _, err := net.SplitHostPort(value)
	if err != nil || p.services[name] == nil {
		return ""
	}
	return name
}

func (p *ports) service(name string, port int32) (string, error) {
	address, ok := p.services[name][port]
	if !ok {
		return "", fmt.Errorf("there is no service %s with a port %d", name, port)
	}
	return address, nil
}
