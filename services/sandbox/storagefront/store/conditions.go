package store

// Ref is the version of an object that a call is about, and what must hold for it.
type Ref struct {
	Bucket, Name string
	Generation   *int64 // nil: the live one
	If           Conditions
}

// Conditions are the preconditions of one call; nil means unset. They are also
// kept with a resumable session, which is checked when it ends.
type Conditions struct {
	GenerationMatch        *int64 `json:"generation_match,omitempty"`
	GenerationNotMatch     *int64 `json:"generation_not_match,omitempty"`
	MetagenerationMatch    *int64 `json:"metageneration_match,omitempty"`
	MetagenerationNotMatch *int64 `json:"metageneration_not_match,omitempty"`
}

// checkWrite refuses unless every condition holds: those of the generation for
// the live version of the name, those of the metageneration for o, the version that
// the call is about. Both are nil if there is none; generation 0 stands for absence.
func (c Conditions) checkWrite(live, o *Object) error {
	var generation, metageneration int64
	if live != nil {
		generation = live.Generation
	}
	if o != nil {
		metageneration = o.Metageneration
	}
	switch {
	case c.GenerationMatch != nil && *c.GenerationMatch != generation,
		c.GenerationNotMatch != nil && *c.GenerationNotMatch == generation,
		c.MetagenerationMatch != nil && (o == nil || *c.MetagenerationMatch != metageneration),
		c.MetagenerationNotMatch != nil && o != nil && *c.MetagenerationNotMatch == metageneration:
		return errCondition
	}
	return nil
}

// checkRead is checkWrite for reads of an object that exists, where a failed
// "not match" means that the reader's copy is current.
func (c Conditions) checkRead(live, o *Object) error {
	if (Conditions{GenerationMatch: c.GenerationMatch, MetagenerationMatch: c.MetagenerationMatch}).checkWrite(live, o) != nil {
		return errCondition
	}
	if c.checkWrite(live, o) != nil {
		return errNotModified
	}
	return nil
}
