package images

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
)

// Layer is how many bytes of an image the program is, as a registry keeps it and a node
// pulls it: ko puts it into a tar file of its own and compresses that at gzip's fastest
// level. The base's layers, which are the same for all images, come on top.
func Layer(program string) (int64, error) {
	file, err := os.Open(program)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	var size counter
	packed, err := gzip.NewWriterLevel(&size, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	archive := tar.NewWriter(packed)
	if err := archive.WriteHeader(&tar.Header{Name: "ko-app/" + info.Name(), Size: info.Size(), Mode: 0o555, Typeflag: tar.TypeReg}); err != nil {
		return 0, err
	}
	if _, err := io.Copy(archive, file); err != nil {
		return 0, err
	}
	if err := archive.Close(); err != nil {
		return 0, err
	}
	if err := packed.Close(); err != nil {
		return 0, err
	}
	return int64(size), nil
}

// counter is a Writer that only counts.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
