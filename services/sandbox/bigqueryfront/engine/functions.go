package engine

/*
#include <stdint.h>
#include <stdlib.h>

void bigqueryfront_scalar(void *info, void *input, void *output);
*/
import "C"

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// function is one overload of a scalar function that DuckDB lacks. DuckDB's own
// binder chooses the overload by the types of the arguments, which the
// translator of GoogleSQL does not know. Every overload yields NULL when an
// argument is NULL; eval sees only rows without one, and returns false for NULL.
type function struct {
	name string
	args []mapping.Type
	out  mapping.Type
	eval func(call *call) (bool, error)
}

// functions are all of them; a function knows itself by its place here.
var functions = slices.Concat(arithmetic, roundings, dates, truncations, differences, texts)

// call is the evaluation of one row.
type call struct {
	args   []argument
	out    unsafe.Pointer
	vector mapping.Vector // out's, for strings
	row    int
}

type argument struct {
	data     unsafe.Pointer
	validity unsafe.Pointer
}

func (a argument) null(row int) bool {
	if a.validity == nil {
		return false
	}
	return *(*uint64)(unsafe.Add(a.validity, (row/64)*8))&(1<<(row%64)) == 0
}

func arg[T any](c *call, i int) T {
	var zero T
	return *(*T)(unsafe.Add(c.args[i].data, uintptr(c.row)*unsafe.Sizeof(zero)))
}

func result[T any](c *call, value T) (bool, error) {
	*(*T)(unsafe.Add(c.out, uintptr(c.row)*unsafe.Sizeof(value))) = value
	return true, nil
}

// registerFunctions makes the functions known to the whole database.
func registerFunctions(conn *Conn) error {
	sets := map[string]mapping.ScalarFunctionSet{}
	for id, f := range functions {
		set, ok := sets[f.name]
		if !ok {
			set = mapping.CreateScalarFunctionSet(f.name)
			sets[f.name] = set
		}
		if err := addOverload(set, id, f); err != nil {
			return err
		}
	}
	for name, set := range sets {
		if mapping.RegisterScalarFunctionSet(conn.raw, set) == mapping.StateError {
			return fmt.Errorf("register function %s", name)
		}
		mapping.DestroyScalarFunctionSet(&set)
	}
	return nil
}

func addOverload(set mapping.ScalarFunctionSet, id int, f function) error {
	raw := mapping.CreateScalarFunction()
	defer mapping.DestroyScalarFunction(&raw)
	mapping.ScalarFunctionSetName(raw, f.name)
	for _, t := range f.args {
		logical := logicalType(t)
		mapping.ScalarFunctionAddParameter(raw, logical)
		mapping.DestroyLogicalType(&logical)
	}
	logical := logicalType(f.out)
	defer mapping.DestroyLogicalType(&logical)
	mapping.ScalarFunctionSetReturnType(raw, logical)
	// The callback learns which overload it serves from a number in C memory.
	number := (*C.int64_t)(C.malloc(C.size_t(unsafe.Sizeof(C.int64_t(0)))))
	*number = C.int64_t(id)
	mapping.ScalarFunctionSetExtraInfo(raw, unsafe.Pointer(number), C.free)
	mapping.ScalarFunctionSetFunction(raw, C.bigqueryfront_scalar)
	if mapping.AddScalarFunctionToSet(set, raw) == mapping.StateError {
		return fmt.Errorf("add an overload of function %s", f.name)
	}
	return nil
}

func logicalType(t mapping.Type) mapping.LogicalType {
	if t == mapping.TypeDecimal {
		return mapping.CreateDecimalType(38, 9)
	}
	return mapping.CreateLogicalType(t)
}

//export bigqueryfront_scalar
func bigqueryfront_scalar(info, input, output unsafe.Pointer) {
	functionInfo := mapping.FunctionInfo{Ptr: info}
	f := functions[*(*C.int64_t)(mapping.ScalarFunctionGetExtraInfo(functionInfo))]
	chunk, out := mapping.DataChunk{Ptr: input}, mapping.Vector{Ptr: output}
	size := int(mapping.DataChunkGetSize(chunk))
	c := &call{args: make([]argument, len(f.args)), out: mapping.VectorGetData(out), vector: out}
	for i := range c.args {
		v := mapping.DataChunkGetVector(chunk, mapping.IdxT(i))
		c.args[i] = argument{data: mapping.VectorGetData(v), validity: mapping.VectorGetValidity(v)}
	}
	mapping.VectorEnsureValidityWritable(out)
	validity := mapping.VectorGetValidity(out)
	for c.row = 0; c.row < size; c.row++ {
		valid := true
		for _, a := range c.args {
			valid = valid && !a.null(c.row)
		}
		var err error
		if valid {
			valid, err = f.eval(c)
		}
		if err != nil {
			mapping.ScalarFunctionSetError(functionInfo, err.Error())
			return
		}
		if !valid {
			*(*uint64)(unsafe.Add(validity, (c.row/64)*8)) &^= 1 << (c.row % 64)
		}
	}
}
