// A module of some 20 MB, for bench/large/measure.sh: it uses much of Go's standard library, so that the
// linker keeps it, and ends at once.
package main

import (
	"archive/zip"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/asn1"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"html/template"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/big"
	"net/http"
	"net/http/httputil"
	"net/rpc"
	"net/smtp"
	"os"
	"regexp"
	text "text/template"
)

// Never true: what is behind it is linked and not run.
var everything = len(os.Args) > 1000

func useEverything() {
	fmt.Println(http.ListenAndServe("", httputil.NewSingleHostReverseProxy(nil)))
	fmt.Println(http.Get(""))
	fmt.Println(tls.Dial("", "", nil))
	fmt.Println(x509.ParseCertificate(nil))
	fmt.Println(sql.Open("", ""))
	fmt.Println(asn1.Unmarshal(nil, nil))
	fmt.Println(gob.NewDecoder(nil).Decode(nil), json.Unmarshal(nil, nil), xml.Unmarshal(nil, nil))
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", nil, parser.ParseComments)
	fmt.Println(ast.Print(files, file), format.Node(os.Stdout, files, file), err)
	configuration := types.Config{Importer: importer.Default()}
	fmt.Println(configuration.Check("", files, []*ast.File{file}, nil))
	fmt.Println(template.Must(template.New("").Parse("")).Execute(os.Stdout, nil))
	fmt.Println(text.Must(text.New("").Parse("")).Execute(os.Stdout, nil))
	fmt.Println(png.Decode(nil))
	fmt.Println(gif.Decode(nil))
	fmt.Println(jpeg.Decode(nil))
	fmt.Println(zip.OpenReader(""))
	fmt.Println(gzip.NewReader(nil))
	fmt.Println(regexp.MustCompile("").Match(nil), new(big.Int).Exp(nil, nil, nil))
	fmt.Println(rpc.Dial("", ""))
	fmt.Println(smtp.Dial(""))
}

func main() {
	if everything {
		useEverything()
	}
	fmt.Println("a large module")
}
