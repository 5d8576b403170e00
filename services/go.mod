module github.com/zackkki/ecomm_datapipeline/services

go 1.26.0

replace (
	github.com/zackkki/ecomm_datapipeline/pkg => ../pkg
	github.com/zackkki/ecomm_datapipeline/proto => ../proto
	github.com/zackkki/ecomm_datapipeline/sql => ../sql
)

require (
	github.com/go-json-experiment/json v1.27.2
	github.com/google/go-cmp v0.7.0
	github.com/schollz/progressbar/v3 v3.19.1
	github.com/urfave/cli/v3 v3.14.0
	github.com/zackkki/ecomm_datapipeline/pkg v0.0.0
	github.com/zackkki/ecomm_datapipeline/proto v0.0.0
	github.com/zackkki/ecomm_datapipeline/sql v0.0.0
	golang.org/x/sync v0.24.0
)
