// Prints the most frequent words of standard input, as examples/guests/wordcount.c does.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

func main() {
	wanted := 10
	if len(os.Args) > 1 {
		number, err := strconv.Atoi(os.Args[1])
		if err != nil || number < 0 {
			fmt.Fprintf(os.Stderr, "wordcount: %q is not a number of words\n", os.Args[1])
			os.Exit(2)
		}
		wanted = number
	}

	counts := map[string]int{}
	notLetter := func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		for _, word := range strings.FieldsFunc(lines.Text(), notLetter) {
			counts[strings.ToLower(word)]++
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "wordcount:", err)
		os.Exit(1)
	}

	words := make([]string, 0, len(counts))
	for word := range counts {
		words = append(words, word)
	}
	sort.Slice(words, func(i, j int) bool {
		if counts[words[i]] != counts[words[j]] {
			return counts[words[i]] > counts[words[j]]
		}
		return words[i] < words[j]
	})
	if len(words) > wanted {
		words = words[:wanted]
	}
	for _, word := range words {
		fmt.Printf("%7d %s\n", counts[word], word)
	}
}
