package reading

import (
	"bufio"
	"errors"
	"io"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/shape"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// headOf gives the beginning of a content, for a look at its shape, and the content with it.
// What ends the content within its beginning ends it again where it is read; an error of the
// source is given at once, because a head that lacks a part may look like something else.
func headOf(content io.Reader) ([]byte, io.Reader, error) {
	buffered := bufio.NewReaderSize(content, shape.HeadSize)
	head, err := buffered.Peek(shape.HeadSize)
	var fault *split.FileError
	if err != nil && err != io.EOF && !errors.As(err, &fault) {
		return nil, nil, err
	}
	// The reading goes on through the same buffer, which the head must outlive.
	return append([]byte(nil), head...), buffered, nil
}

// headerMismatch refuses a catalog whose header does not do, and says what the file is.
func (r *Reading) headerMismatch(detail string, head []byte) error {
	is := ""
	if r.File.GetKind() == pipelinev1.FileKind_FILE_KIND_PRODUCTS {
		is = shape.Table("products", head, vocabulary.ProductColumns, vocabulary.Products)
	} else {
		is = shape.Table("customers", head, vocabulary.CustomerColumns, vocabulary.Customers)
	}
	if is != "" {
		detail += "; " + is
	}
	return &split.FileError{Rule: rules.HeaderMismatch, Detail: detail}
}

// withEncoding adds to the fault of a record that is not UTF-8 what it looks like.
func withEncoding(fault *decode.Fault, record []byte) *decode.Fault {
	if fault.Rule != rules.InvalidUTF8 {
		return fault
	}
	looks := shape.Encoding(record)
	if looks == "" {
		return fault
	}
	told := *fault
	told.Message += "; " + looks
	return &told
}
