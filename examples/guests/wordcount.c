// Prints the most frequent words of standard input, the most frequent first; words of equal count
// in alphabetical order. Usage: wordcount [HOW_MANY]   (default 10)
//
// A word is a run of ASCII letters; case does not matter.

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kBuckets = 1 << 16, kMaxWord = 64 };

struct entry {
  struct entry* next;
  unsigned long count;
  char word[];
};

static struct entry* buckets[kBuckets];
static size_t entries;

static void* or_die(void* memory) {
  if (memory == NULL) {
    fprintf(stderr, "wordcount: out of memory\n");
    exit(1);
  }
  return memory;
}

static void count_word(const char* word, size_t length) {
  unsigned long hash = 5381;
  for (size_t i = 0; i < length; i++)
    hash = hash * 33 + (unsigned char)word[i];
  struct entry** slot = &buckets[hash % kBuckets];
  for (struct entry* entry = *slot; entry != NULL; entry = entry->next) {
    if (strcmp(entry->word, word) == 0) {
      entry->count++;
      return;
    }
  }
  struct entry* fresh = or_die(malloc(sizeof *fresh + length + 1));
  memcpy(fresh->word, word, length + 1);
  fresh->count = 1;
  fresh->next = *slot;
  *slot = fresh;
  entries++;
}

static void count_words(FILE* input) {
  char word[kMaxWord + 1];
  size_t length = 0;
  int c;
  do {
    c = getc(input);
    if (c != EOF && isalpha(c)) {
      if (length < kMaxWord) word[length++] = (char)tolower(c);
    } else if (length > 0) {
      word[length] = '\0';
      count_word(word, length);
      length = 0;
    }
  } while (c != EOF);
}

static int by_count_then_word(const void* left, const void* right) {
  const struct entry* a = *(struct entry* const*)left;
  const struct entry* b = *(struct entry* const*)right;
  if (a->count != b->count) return a->count < b->count ? 1 : -1;
  return strcmp(a->word, b->word);
}

int main(int argc, char** argv) {
  size_t wanted = 10;
  if (argc > 1) {
    char* end;
    errno = 0;
    wanted = strtoul(argv[1], &end, 10);
    if (errno != 0 || end == argv[1] || *end != '\0') {
      fprintf(stderr, "wordcount: '%s' is not a number of words\n", argv[1]);
      return 2;
    }
  }
  count_words(stdin);
  if (ferror(stdin)) {
    perror("wordcount: standard input");
    return 1;
  }

  struct entry** sorted = or_die(malloc((entries + 1) * sizeof *sorted));
  size_t filled = 0;
  for (size_t i = 0; i < kBuckets; i++) {
    for (struct entry* entry = buckets[i]; entry != NULL; entry = entry->next) {
      sorted[filled++] = entry;
    }
  }
  qsort(sorted, entries, sizeof *sorted, by_count_then_word);
  for (size_t i = 0; i < entries && i < wanted; i++) {
    printf("%7lu %s\n", sorted[i]->count, sorted[i]->word);
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
