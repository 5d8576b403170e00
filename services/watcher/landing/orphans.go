package landing

import (
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/storage"
)

// remindAfter is how long an object in staging/ that nobody can claim is passed over, after
// it was told of.
const remindAfter = 24 * time.Hour

// orphans remembers the objects in staging/ whose metadata are no claim's: somebody has put
// them there, or changed them. Nothing is known of such a file, neither what it is nor
// where it belongs, so that only a person can say; it is left alone, and told of once a day.
type orphans struct {
	mu   sync.Mutex
	told map[string]time.Time // by name and generation; when last
	seen map[string]bool      // by this sweep
}

// isNews notes an orphan, and tells whether somebody should hear of it.
func (o *orphans) isNews(object *storage.ObjectAttrs, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := fmt.Sprintf("%s#%d#%d", object.Name, object.Generation, object.Metageneration)
	o.seen[key] = true
	if last, known := o.told[key]; known && now.Sub(last) < remindAfter {
		return false
	}
	o.told[key] = now
	return true
}

// begin begins a sweep.
func (o *orphans) begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = make(map[string]bool)
	if o.told == nil {
		o.told = make(map[string]time.Time)
	}
}

// end forgets the orphans that a whole sweep has not seen: somebody has dealt with them.
func (o *orphans) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for key := range o.told {
		if !o.seen[key] {
			delete(o.told, key)
		}
	}
}
