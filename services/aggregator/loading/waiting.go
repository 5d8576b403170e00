package loading

import (
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// waiting is a manifest whose file is not yet loaded; done takes its message's outcome.
type waiting struct {
	manifest    *pipelinev1.FileManifest
	traceparent string // of the file's trace
	since       time.Time
	complete    bool
	staged      bool      // complete, and each of its records is in staging
	announced   bool      // announced again, or alarmed, because it stayed incomplete
	heldUntil   time.Time // not tried before, because its transaction costs or takes too much
	atMost      int       // files of a transaction with it, since more were too much; 0: any number
	tooSlow     error     // why it is held for as long as this process lives
	settled     bool
	done        chan error
	alsoWaiting []*waiting // the same reading, delivered again meanwhile
}

// admitArrived takes all that has arrived. While a transaction runs, files arrive; were
// they left to the loop's choice between them and the clock, a transaction would begin
// with two of hundreds.
func (s *Service) admitArrived(files map[string]*waiting) {
	for {
		select {
		case file := <-s.arrivals:
			admit(files, file)
		default:
			return
		}
	}
}

// admit adds a file; a second delivery of the same manifest waits with the first.
func admit(files map[string]*waiting, file *waiting) {
	id := file.manifest.GetParseId()
	if first, ok := files[id]; ok {
		first.alsoWaiting = append(first.alsoWaiting, file)
		return
	}
	files[id] = file
}

func (w *waiting) id() string { return w.manifest.GetFile().GetFileId() }

func (w *waiting) revision() int64 { return landedfile.Revision(w.manifest.GetFile()) }

// settle gives the file's messages their outcome.
func (w *waiting) settle(err error) {
	if w.settled {
		return
	}
	w.settled = true
	w.done <- err
	for _, other := range w.alsoWaiting {
		other.done <- err
	}
}

// givenUp tells that the watcher spoke for a file that no parser finished.
func givenUp(file *waiting) bool {
	reason := file.manifest.GetReason()
	return reason == string(rules.ParserFailed) || reason == string(rules.UnreadableObject)
}
