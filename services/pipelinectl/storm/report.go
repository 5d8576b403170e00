package storm

import (
	"maps"
	"runtime"
	"slices"
)

// Report is what befell the pipeline and what it made of it. Durations are in the units of
// their names.
type Report struct {
	Seed    uint64  `json:"seed"`
	CPUs    int     `json:"cpus"`
	Seconds float64 `json:"seconds"`

	// Kills and Freezes are of processes, by program; Deaths are ends that nobody caused.
	Kills       int                       `json:"kills"`
	KillsOf     map[string]int            `json:"kills_of"`
	Freezes     map[string]int            `json:"freezes_of"`
	Deaths      map[string]int            `json:"deaths_of,omitempty"`
	Panics      int                       `json:"panics"`
	Plans       int                       `json:"fault_rules"` // drawn; each struck a share of the calls
	Faults      int                       `json:"faults"`
	FaultsOf    map[string]int            `json:"faults_by_kind"`
	FaultsByAll map[string]map[string]int `json:"faults_by_method"`
	// Spared are the kinds of faults that never struck a method which was called while there were
	// faults.
	Spared map[string][]string `json:"kinds_never_struck"`

	Files       int `json:"files"`
	Orders      int `json:"orders"` // records of the files of orders
	Loaded      int `json:"files_loaded"`
	Quarantined int `json:"files_quarantined"`

	// Settled tells whether the pipeline became quiet, and SettleSeconds after how long.
	Settled       bool    `json:"settled"`
	SettleSeconds float64 `json:"settle_seconds"`

	// Lost orders are wanted and not there, Doubled ones there more often than wanted.
	Lost    int `json:"lost"`
	Doubled int `json:"doubled"`
	// Differences are those from the model, and invariants that do not hold.
	Differences []string `json:"differences"`
	// HealthyQuarantined are files that had to be loaded, with the reason.
	HealthyQuarantined []string       `json:"healthy_quarantined"`
	DeadLetters        int            `json:"dead_letters"`
	DeadLettersOf      map[string]int `json:"dead_letters_of,omitempty"`

	// FromArchive is what was read again of archive/ and quarantine/ in the end; what differs is
	// among the differences.
	FromArchive Archive `json:"from_archive"`

	Outages []Outage `json:"outages"`
	// Ratios are those of the recoveries to their outages: of all, and of each thing that was away.
	Ratios   Ratios            `json:"recovery_to_outage"`
	RatiosOf map[string]Ratios `json:"recovery_to_outage_of"`

	// Memory is the most that each program's process had, in MiB; not known on every system.
	Memory map[string]*Memory `json:"memory_mib,omitempty"`

	checked bool
}

func newReport(seed uint64) *Report {
	return &Report{Seed: seed, CPUs: runtime.NumCPU(), Differences: []string{}, HealthyQuarantined: []string{}, Outages: []Outage{}}
}

// Outage is a time without something, and how long it took to catch up.
type Outage struct {
	Of      string  `json:"of"`
	How     string  `json:"how"`
	Seconds float64 `json:"seconds"`
	// Recovery is from the end of the outage until every file is loaded that was to land
	// before; not all are if Recovered is false.
	Recovery  float64 `json:"recovery_seconds"`
	Ratio     float64 `json:"ratio"`
	Recovered bool    `json:"recovered"`
}

// Archive is what verify --from-archive read.
type Archive struct {
	Files   int     `json:"files"`
	Skipped int     `json:"skipped"` // which the reference implementation cannot read
	Records int64   `json:"records"`
	Seconds float64 `json:"seconds"`
}

// Memory is the most in either half of the storm: it must not grow with what has landed.
type Memory struct {
	FirstHalf  int `json:"first_half"`
	SecondHalf int `json:"second_half"`
}

// Ratios are the middle and the highest of them; 0: none.
type Ratios struct {
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

// Checked tells whether the outcome was compared, whatever it was.
func (r *Report) Checked() bool { return r.checked }

// Right tells whether nothing is lost, doubled or different, and no healthy file or message
// was set aside.
func (r *Report) Right() bool {
	return r.checked && r.Settled && r.Lost == 0 && r.Doubled == 0 && len(r.Differences) == 0 &&
		len(r.HealthyQuarantined) == 0 && r.DeadLetters == 0 && r.Panics == 0
}

func ratios(outages []Outage) (r Ratios) {
	var all []float64
	for _, o := range outages {
		all = append(all, o.Ratio)
	}
	if slices.Sort(all); len(all) > 0 {
		r.Median, r.Max = all[len(all)/2], all[len(all)-1]
	}
	return r
}

// sum adds up what befell the fleet.
func (r *Report) sum(f *fleet) {
	f.keepStruck()
	f.mu.Lock()
	defer f.mu.Unlock()
	r.Kills, r.KillsOf, r.Freezes = 0, maps.Clone(f.kills), maps.Clone(f.frozen)
	for _, n := range f.kills {
		r.Kills += n
	}
	r.Deaths = make(map[string]int)
	for _, name := range append(slices.Clone(services), theCloud) {
		if n := f.program(name).died(); n > 0 {
			r.Deaths[name] = n
		}
	}
	r.Faults, r.FaultsOf, r.FaultsByAll, r.Spared = 0, make(map[string]int), make(map[string]map[string]int), make(map[string][]string)
	for _, method := range slices.Sorted(maps.Keys(f.struck)) {
		for _, kind := range kindsOf(method) {
			if f.struck[method][kind] == 0 {
				r.Spared[method] = append(r.Spared[method], kind)
			}
		}
		if len(f.struck[method]) == 0 {
			continue
		}
		r.FaultsByAll[method] = maps.Clone(f.struck[method])
		for kind, n := range f.struck[method] {
			r.FaultsOf[kind] += n
			r.Faults += n
		}
	}
	r.Ratios, r.RatiosOf = ratios(r.Outages), make(map[string]Ratios)
	of := make(map[string][]Outage)
	for _, o := range r.Outages {
		of[o.Of] = append(of[o.Of], o)
	}
	for thing, outages := range of {
		r.RatiosOf[thing] = ratios(outages)
	}
}
