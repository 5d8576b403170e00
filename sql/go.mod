module github.com/zackkki/ecomm_datapipeline/sql

go 1.26.0

require (
	github.com/goccy/go-googlesql v0.4.0
	github.com/google/go-cmp v0.7.0
	golang.org/x/text v0.43.0
)

require github.com/goccy/googlesqlwasm2go v0.2.0 // indirect
