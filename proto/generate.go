// Package proto is the pipeline's vocabulary: the messages that travel between
// its services and to downstream consumers (ecommerce/<domain>/v1), and the rows
// that the writer appends to the warehouse (ecommerce/warehouse/v1).
//
// The generated Go is committed. To change a message, edit the .proto file and
// run go generate; CI refuses generated code that is not current and changes
// that break the wire or JSON form of testdata/released.binpb, the messages as the last
// release had them. A release writes that file anew:
//
//	buf build --path ecommerce --exclude-source-info -o testdata/released.binpb
package proto

//go:generate go run github.com/bufbuild/buf/cmd/buf@v1.75.0 lint
//go:generate go run github.com/bufbuild/buf/cmd/buf@v1.75.0 generate --path ecommerce
//go:generate go run github.com/bufbuild/buf/cmd/buf@v1.75.0 breaking --against testdata/released.binpb
