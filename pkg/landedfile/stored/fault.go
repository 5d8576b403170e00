package stored

import "github.com/zackkki/ecomm_datapipeline/pkg/rules"

// Fault is a fault of a file as a whole: reading it again will find the same.
type Fault struct {
	Rule   rules.ID
	Detail string
}

func (f *Fault) Error() string { return string(f.Rule) + ": " + f.Detail }
