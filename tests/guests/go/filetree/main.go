// Works on a tree of files with Go's own library. Usage: filetree DIR
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "filetree:", err)
		os.Exit(1)
	}
}

func main() {
	root := os.Args[1]
	must(os.MkdirAll(filepath.Join(root, "x/y/z"), 0o777))
	for i := 0; i < 10; i++ {
		name := filepath.Join(root, "x/y", fmt.Sprintf("f%d", i))
		must(os.WriteFile(name, []byte(strings.Repeat("go\n", i)), 0o666))
	}
	must(os.Rename(filepath.Join(root, "x/y/f9"), filepath.Join(root, "x/y/z/moved")))
	must(os.Truncate(filepath.Join(root, "x/y/f8"), 4))
	must(os.Symlink("y/f7", filepath.Join(root, "x/link")))
	must(os.Remove(filepath.Join(root, "x/y/f0")))
	file, err := os.OpenFile(filepath.Join(root, "x/y/f1"), os.O_APPEND|os.O_WRONLY, 0)
	must(err)
	_, err = file.WriteString("more")
	must(err)
	must(file.Close())

	if _, err := os.Stat(filepath.Join(root, "x/y/f0")); !errors.Is(err, fs.ErrNotExist) {
		must(fmt.Errorf("a file that is gone: %v", err))
	}
	data, err := os.ReadFile(filepath.Join(root, "x/link"))
	must(err)
	fmt.Println("through the link:", len(data))
	must(filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		must(err)
		info, err := entry.Info()
		must(err)
		size := int64(-1)
		if info.Mode().IsRegular() {
			size = info.Size()
		}
		fmt.Println(strings.TrimPrefix(path, root), entry.Type(), size)
		return nil
	}))
	must(os.RemoveAll(filepath.Join(root, "x/y")))
	if _, err := os.ReadFile(filepath.Join(root, "../../etc/passwd")); err == nil {
		must(errors.New("an escape"))
	}
}
