// Package official has Google's own integration tests of its Go clients judge the embedded
// cloud: those of Pub/Sub, Cloud Storage, BigQuery and the Storage Write API, as the modules
// that the pipeline is built with contain them, unchanged.
//
// They know no emulator. So their process is given a proxy (HTTPS_PROXY) that answers for
// Google's hosts with a certificate of its own (SSL_CERT_FILE) and hands each call to the
// front that stands in for the host, and a service account's key that opens nothing
// (GCLOUD_TESTS_GOLANG_KEY). README.md lists which tests pass, and why the others do not.
package official

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// Proxy stands in for Google's hosts. Close ends it.
type Proxy struct {
	// URL is for HTTPS_PROXY, and Certificate, PEM, for SSL_CERT_FILE.
	URL         string
	Certificate []byte

	front, hosts *http.Server
	tunnels      *tunnels
}

// Backend is where a host's calls go.
type Backend struct {
	Address string // host:port
	IsGRPC  bool
}

// Start begins to answer for the hosts.
func Start(backends map[string]Backend) (*Proxy, error) {
	certificate, encoded, err := certify()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{URL: "http://" + listener.Addr().String(), Certificate: encoded, tunnels: newTunnels(listener.Addr())}
	p.hosts = &http.Server{Handler: byHost(backends), TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}}}
	p.front = &http.Server{Handler: p.tunnels}
	go p.hosts.ServeTLS(p.tunnels, "", "")
	go p.front.Serve(listener)
	return p, nil
}

// Close ends all connections.
func (p *Proxy) Close() error { return errors.Join(p.front.Close(), p.hosts.Close()) }

// byHost hands calls to the backends, and gives tokens that nobody looks at.
func byHost(backends map[string]Backend) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("oauth2.googleapis.com/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"embedded","token_type":"Bearer","expires_in":3600}`)
	})
	for host, backend := range backends {
		transport := &http.Transport{Protocols: new(http.Protocols)}
		transport.Protocols.SetHTTP1(!backend.IsGRPC)
		transport.Protocols.SetUnencryptedHTTP2(backend.IsGRPC)
		target := &url.URL{Scheme: "http", Host: backend.Address}
		mux.Handle(host+"/", &httputil.ReverseProxy{
			Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
			Transport:     transport,
			FlushInterval: -1, // streams
		})
	}
	return mux
}

// tunnels takes CONNECT, and is the listener of what comes through.
type tunnels struct {
	address net.Addr
	opened  chan net.Conn
	closed  chan struct{}
	close   func()
}

func newTunnels(address net.Addr) *tunnels {
	t := &tunnels{address: address, opened: make(chan net.Conn), closed: make(chan struct{})}
	t.close = sync.OnceFunc(func() { close(t.closed) })
	return t
}

// ServeHTTP implements http.Handler.
func (t *tunnels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		_ = conn.Close()
		return
	}
	select {
	case t.opened <- conn:
	case <-t.closed:
		_ = conn.Close()
	}
}

// Accept implements net.Listener.
func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case conn := <-t.opened:
		return conn, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (t *tunnels) Close() error {
	t.close()
	return nil
}

// Addr implements net.Listener.
func (t *tunnels) Addr() net.Addr { return t.address }

// certify makes a certificate for Google's hosts, signed by itself.
func certify() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "embedded cloud"}, DNSNames: []string{"*.googleapis.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), nil
}
