package loading

import (
	"context"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// findComplete marks the files all of whose records have arrived.
func (s *Service) findComplete(ctx context.Context, files map[string]*waiting) {
	var unknown []*waiting
	for _, file := range files {
		switch {
		case file.complete:
		case file.manifest.GetRecords() == 0:
			file.complete = true
		default:
			unknown = append(unknown, file)
		}
	}
	if len(unknown) == 0 {
		return
	}
	counts, err := s.star.present(ctx, newBatch(unknown), s.now())
	if err != nil {
		if ctx.Err() == nil {
			s.log.WarnContext(ctx, "completeness not known", "files", len(unknown), "error", err)
		}
		return
	}
	for _, file := range unknown {
		arrived, expected := counts[file.manifest.GetParseId()], file.manifest.GetRecords()
		file.complete = arrived.Records >= expected
		file.staged = file.complete && arrived.Staged == arrived.Records
		if !file.complete && s.isOverdue(file) {
			s.nudge(ctx, file, arrived.Records)
			s.beat.Beat()
		}
	}
}

// isOverdue tells that a file has waited for its records for too long.
func (s *Service) isOverdue(file *waiting) bool {
	return s.now().Sub(file.since) > s.config.IncompleteAfter
}

func (s *Service) anyOverdue(files map[string]*waiting) bool {
	for _, file := range files {
		if !file.complete && s.isOverdue(file) {
			return true
		}
	}
	return false
}

// nudge has a file read once more that stays incomplete, and then raises an alarm.
func (s *Service) nudge(ctx context.Context, file *waiting, present int64) {
	log := s.log.With("file_id", file.id(),
		"records", file.manifest.GetRecords(), "present", present)
	file.since = s.now()
	if file.announced {
		s.metrics.incomplete.Add(ctx, 1)
		log.ErrorContext(ctx, "file stays incomplete")
		return
	}
	landed := &pipelinev1.FileLanded{File: file.manifest.GetFile(), Announcement: 1}
	if err := s.filesLanded.PublishSync(ctx, landed, file.attributes()); err != nil {
		log.ErrorContext(ctx, "incomplete file not announced again", "error", err)
		return
	}
	file.announced = true
	log.WarnContext(ctx, "incomplete file announced again")
}
