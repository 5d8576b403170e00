module github.com/zackkki/ecomm_datapipeline/services/sandbox

go 1.26.0

replace (
	github.com/zackkki/ecomm_datapipeline/pkg => ../../pkg
	github.com/zackkki/ecomm_datapipeline/proto => ../../proto
	github.com/zackkki/ecomm_datapipeline/services => ../
	github.com/zackkki/ecomm_datapipeline/sql => ../../sql
)

require (
	cloud.google.com/go/bigquery v1.86.2
	cloud.google.com/go/pubsub/v2 v2.8.1
	cloud.google.com/go/storage v1.70.0
	github.com/duckdb/duckdb-go/v2 v2.10506.0
	github.com/google/go-cmp v0.7.0
	github.com/nats-io/nats-server/v2 v2.15.2
	github.com/nats-io/nats.go v1.55.0
	github.com/zackkki/ecomm_datapipeline/pkg v0.0.0
	github.com/zackkki/ecomm_datapipeline/proto v0.0.0
	github.com/zackkki/ecomm_datapipeline/services v0.0.0
	github.com/zackkki/ecomm_datapipeline/sql v0.0.0
	golang.org/x/sync v0.24.0
	google.golang.org/grpc v1.85.0
)
