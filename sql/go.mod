module github.com/zackkki/ecomm_datapipeline/sql

go 1.26.0

require (
	github.com/goccy/go-googlesql v0.4.0
	github.com/google/go-cmp v0.7.0
)
